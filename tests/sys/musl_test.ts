// What the C interface does differently on musl, run over glibc, whose layouts and numbers are the same: above all, never to
// cancel what musl would never return from. What musl itself answers is not tested here.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { onLinux } from "./on_musl.ts";
import { closeSync, openSync } from "node:fs";
import { platform } from "../../structs/platform.ts";
import * as sys from "../../sys.ts";
import { aio_cancel, aio_error, aio_fsync, aio_read, aio_return, aio_suspend, aio_write, Aiocb } from "../../sys.ts";
import { AIO_ALLDONE, AIO_NOTCANCELED, allocate, EINPROGRESS } from "../../sys.ts";
import { outcome } from "./outcome.ts";
import { SocketPair, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

const group = onLinux
  ? describe
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: not Linux)`, body);

group("on musl", () => {
  it("the platform says so, and masks the status word", () => {
    const { name, status, behaviour, structs } = platform();
    assert(name.startsWith("linux-musl-"), name);
    assertEquals([status?.mask, status?.error.offset, status?.result.offset], [0x7fffffff, 112, 120]);
    assertEquals((0x80000073 | 0) & status!.mask, EINPROGRESS); // what a block in aio_suspend() alone reads as
    assertEquals([behaviour.serialPerDescriptor, behaviour.safeCancel, behaviour.mustReap], [false, false, false]);
    assertEquals([structs.aiocb.size, sys.AIO_PRIO_DELTA_MAX], [168, 0]);
  });

  it("queued writes to a socket are not cancelled", () => {
    using writes = new SocketWrites(5);
    writes.submit();
    for (const cb of writes.list.slice(2)) assertEquals(aio_cancel(writes.sockets.fd, cb), AIO_NOTCANCELED);
    assertEquals(aio_cancel(writes.sockets.fd, null), AIO_NOTCANCELED);
    assertEquals(writes.list.slice(2).map(aio_error), [EINPROGRESS, EINPROGRESS, EINPROGRESS]);
    writes.drain();
    assertEquals(writes.list.map(aio_error), [0, 0, 0, 0, 0]);
    assertEquals(aio_cancel(writes.sockets.fd, null), AIO_ALLDONE);
  });

  it("a read that waits on a socket is handed to libc, and ends", () => {
    using sockets = new SocketPair();
    using cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    aio_cancel(sockets.fd, cb); // glibc cannot cancel what runs, musl can
    sockets.send(8);
    assert([0, sys.ECANCELED].includes(outcome(cb)));
  });

  it("a sync and an append behind a write are not cancelled", () => {
    using file = new TestFile();
    const fd = openSync(file.path, "a");
    const bytes = allocate(8 << 20);
    using write = new Aiocb({ aio_fildes: fd, aio_buf: bytes, aio_nbytes: bytes.length });
    using append = new Aiocb({ aio_fildes: fd, aio_buf: bytes, aio_nbytes: 8 });
    using sync = new Aiocb({ aio_fildes: fd });
    aio_write(write);
    aio_write(append);
    aio_fsync(sys.O_DSYNC, sync);
    for (const cb of [append, sync, null]) {
      const answer = aio_cancel(fd, cb);
      assert(answer === AIO_NOTCANCELED || answer === AIO_ALLDONE, `answer ${answer}`);
    }
    assertEquals([write, append, sync].map(outcome), [0, 0, 0]);
    assertEquals([write, append, sync].map(aio_return), [8 << 20, 8, 0]);
    closeSync(fd);
  });

  it("an empty list and one of nothing but null are not slept on", () => {
    assertEquals([aio_suspend([]), aio_suspend([null, null], null)], [0, 0]);
  });

  it("the event of each list has memory of its own", () => {
    using file = new TestFile(pattern(8));
    for (let round = 0; round < 3; round++) {
      using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8, aio_lio_opcode: sys.LIO_READ });
      assertEquals(sys.lio_listio(sys.LIO_NOWAIT, [cb], { sigev_notify: sys.SIGEV_NONE }), 0);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    }
  });
});
