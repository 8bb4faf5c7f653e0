// The errors of FreeBSD's aio_read(2) and aio_write(2): each is reached, by its cause where a program can cause it, by order
// of the stand-in where only a file system can, and says what to do about it. Runs on Bun in short runs.

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, failNext, itOrders, itRefuses } from "./on_freebsd.ts";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import * as sys from "../../sys.ts";
import { aio_error, aio_read, aio_return, aio_write, Aiocb, allocate } from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";
import { Pair } from "./raw.ts";

function block(fd: number, members: AiocbMembers = {}): Aiocb {
  return new Aiocb({ aio_fildes: fd, aio_buf: allocate(8), aio_nbytes: 8, ...members });
}

describeFreebsd("EAGAIN", () => {
  it("comes with the 257th request that is not reaped, says so, and ends with reaping", () => {
    using file = new TestFile(pattern(8));
    const list = Array.from({ length: 256 }, () => block(file.fd));
    for (const cb of list) aio_read(cb);
    using more = block(file.fd);
    const error = assertCode("EAGAIN", () => aio_read(more));
    assertEquals([error.errno, aio_error(more)], [35, 35]);
    assert(error.message.includes("counts until aio_return() took its result"), error.message);
    assert(error.message.includes("256"), error.message);
    outcome(list[0]);
    assertEquals([aio_return(list[0]), aio_read(more)], [8, 0]);
    for (const cb of [...list.slice(1), more]) assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
  });

  it("comes from lio_listio for what has no room, while the rest runs", () => {
    using file = new TestFile(pattern(8));
    const first = Array.from({ length: 250 }, () => block(file.fd));
    for (const cb of first) aio_read(cb);
    const list = Array.from({ length: 10 }, () => block(file.fd, { aio_lio_opcode: sys.LIO_READ }));
    const error = assertCode("EAGAIN", () => sys.lio_listio(sys.LIO_NOWAIT, list, null));
    assert(error.message.includes("4 were refused"), error.message);
    for (const cb of list.slice(0, 6)) assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    for (const cb of list.slice(6)) {
      assertEquals(aio_error(cb), sys.EAGAIN);
      assertCode("EINVAL", () => aio_return(cb));
    }
    for (const cb of first) assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    sys.lio_listio(sys.LIO_WAIT, list, null);
    for (const cb of list) assertEquals(aio_return(cb), 8);
  });
});

describeFreebsd("EBADF", () => {
  it("comes at once for a closed descriptor and for one that was not opened for this", () => {
    using file = new TestFile(pattern(8));
    const readOnly = openSync(file.path, "r"), writeOnly = openSync(file.path, "a");
    for (const fd of [1000, -1, writeOnly]) assertCode("EBADF", () => aio_read(block(fd)));
    for (const fd of [1000, -1, readOnly]) assertCode("EBADF", () => aio_write(block(fd)));
    for (const fd of [1000, -1]) assertCode("EBADF", () => sys.aio_fsync(sys.O_SYNC, block(fd)));
    closeSync(readOnly);
    closeSync(writeOnly);
  });
});

describeFreebsd("EFAULT", () => {
  it("comes for a block without a buffer", () => {
    using file = new TestFile(pattern(8));
    assertCode("EFAULT", () => aio_read(block(file.fd, { aio_buf: null })));
    assertCode("EFAULT", () => aio_write(block(file.fd, { aio_buf: null })));
  });

  itOrders("comes as the request's own when the memory is not there", () => {
    using file = new TestFile(pattern(8));
    using cb = block(file.fd);
    failNext(sys.EFAULT);
    aio_read(cb);
    assertEquals(outcome(cb), sys.EFAULT);
    assertEquals(assertCode("EFAULT", () => aio_return(cb)).syscall, "aio_read");
  });
});

describeFreebsd("EINVAL", () => {
  it("comes for a negative offset, a bad sigevent, and a sync of what is no file", () => {
    using file = new TestFile(pattern(8));
    using pair = new Pair();
    assertCode("EINVAL", () => aio_read(block(file.fd, { aio_offset: -1 })));
    assertCode("EINVAL", () => aio_write(block(file.fd, { aio_offset: -(2n ** 63n) })));
    assertCode("EINVAL", () => aio_read(block(file.fd, { aio_sigevent: { sigev_notify: 77 } })));
    assertCode("EINVAL", () => sys.aio_fsync(sys.O_SYNC, block(pair.fd)));
    assertCode("EINVAL", () => sys.aio_fsync(77, block(file.fd)));
  });
});

describeFreebsd("EOPNOTSUPP", () => {
  itRefuses("names the kind of file and the sysctl that allows it", () => {
    using pipe = new Pair("pipe");
    const zero = openSync("/dev/zero", "r+");
    const kinds: [number, string][] = [[pipe.fd, "a pipe"], [zero, "a character device or terminal"]];
    for (const [fd, kind] of kinds) {
      const error = assertCode("EOPNOTSUPP", () => aio_read(block(fd)));
      assertEquals([error.errno, error.syscall], [45, "aio_read"]);
      assert(error.message.includes(`descriptor ${fd}, which is ${kind}`), error.message);
      assert(error.message.includes("vfs.aio.enable_unsafe"), error.message);
      const list = [block(fd, { aio_lio_opcode: sys.LIO_READ })];
      const listed = assertCode("EIO", () => sys.lio_listio(sys.LIO_NOWAIT, list, null));
      assert(listed.message.includes("EOPNOTSUPP") && listed.message.includes(kind), listed.message);
      assertEquals(aio_error(list[0]), sys.EOPNOTSUPP);
    }
    closeSync(zero);
  });
});

describeFreebsd("ECANCELED", () => {
  it("is what a cancelled request ends with", () => {
    using pair = new Pair();
    using cb = block(pair.fd);
    aio_read(cb);
    assertEquals(sys.aio_cancel(pair.fd, cb), sys.AIO_CANCELED);
    assertEquals([outcome(cb), assertCode("ECANCELED", () => aio_return(cb)).errno], [85, 85]);
  });
});

describeFreebsd("the errors of read(2) and write(2)", () => {
  it("are the request's own: EISDIR", () => {
    using file = new TestFile(pattern(8));
    const fd = openSync(dirname(file.path), "r");
    using cb = block(fd);
    aio_read(cb);
    assertEquals(outcome(cb), sys.EISDIR);
    const error = assertCode("EISDIR", () => aio_return(cb));
    assertEquals([error.errno, error.syscall], [21, "aio_read"]);
    assertEquals(aio_error(cb), sys.EISDIR); // the kernel left it in the block
    closeSync(fd);
  });

  for (const name of ["EOVERFLOW", "EIO", "ENOSPC", "EDQUOT", "EFBIG", "ESTALE"] as const) {
    itOrders(`are the request's own: ${name}`, () => {
      using file = new TestFile(pattern(8));
      using cb = block(file.fd);
      failNext(sys[name]);
      if (name === "EOVERFLOW") aio_read(cb);
      else aio_write(cb);
      assertEquals(outcome(cb), sys[name]);
      assertEquals(assertCode(name, () => aio_return(cb)).errno, sys[name]);
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    });
  }
});
