// What the C interface does differently on macOS, run over Linux: arguments are checked before the call, because there every
// bad one is EAGAIN; a request is reaped once; SIGEV_THREAD is refused. What macOS itself answers is not tested here.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { onLinux } from "./on_macos.ts";
import { closeSync, openSync } from "node:fs";
import * as sys from "../../sys.ts";
import { aio_fsync, aio_read, aio_return, aio_write, Aiocb, allocate } from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcome } from "./outcome.ts";
import { SocketPair } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

const group = onLinux
  ? describe
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: not Linux)`, body);

function block(fd: number, members: AiocbMembers = {}): Aiocb {
  return new Aiocb({ aio_fildes: fd, aio_buf: allocate(8), aio_nbytes: 8, ...members });
}

group("on macOS", () => {
  it("bad arguments are told by their own errors, before the call", () => {
    using file = new TestFile(pattern(8));
    using sockets = new SocketPair();
    const readOnly = openSync(file.path, "r"), writeOnly = openSync(file.path, "a");
    const cases: [string, () => unknown][] = [
      ["EBADF", () => aio_read(block(1000))],
      ["EBADF", () => aio_read(block(writeOnly))],
      ["EBADF", () => aio_write(block(readOnly))],
      ["EBADF", () => aio_fsync(sys.O_SYNC, block(readOnly))],
      ["EOPNOTSUPP", () => aio_read(block(sockets.fd))],
      ["EINVAL", () => aio_read(block(file.fd, { aio_offset: -1 }))],
      ["EFAULT", () => aio_read(block(file.fd, { aio_buf: null }))],
      ["EBADF", () => sys.lio_listio(sys.LIO_NOWAIT, [block(writeOnly, { aio_lio_opcode: sys.LIO_READ })], null)],
      ["EBADF", () => sys.lio_listio(sys.LIO_NOWAIT, [block(readOnly, { aio_lio_opcode: sys.LIO_WRITE })], null)],
    ];
    for (const [code, call] of cases) assertCode(code, call);
    closeSync(readOnly);
    closeSync(writeOnly);
  });

  it("a good request runs, and its result is taken once", () => {
    using file = new TestFile(pattern(8));
    using cb = block(file.fd);
    for (let round = 0; round < 3; round++) {
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    }
    aio_read(cb);
    outcome(cb);
    aio_read(cb); // the result that nobody took is dropped
    assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
  });

  it("SIGEV_THREAD and a negative time are refused", () => {
    using file = new TestFile(pattern(8));
    const event = { sigev_notify: sys.SIGEV_THREAD, sigev_notify_function: () => {} };
    const error = assertCode("ENOTSUP", () => aio_read(block(file.fd, { aio_sigevent: event })));
    assert(error.message.includes("SIGEV_SIGNAL"), error.message);
    assertCode("EINVAL", () => sys.aio_suspend([], { tv_sec: -1, tv_nsec: 0 }));
  });

  it("what only FreeBSD has is refused", () => {
    assertCode("ENOSYS", () => sys.kqueue());
    assertCode("ENOSYS", () => sys.kevent(0, [], 0));
    using cb = new Aiocb();
    assertCode("ENOTSUP", () => cb.aio_sigevent.sigev_notify_kqueue = 5);
    cb.aio_sigevent.sigev_notify_kqueue = 0;
    assertEquals([cb.aio_sigevent.sigev_notify_kqueue, cb.aio_sigevent.sigev_notify_kevent_flags], [0, 0]);
  });
});
