// The assertions of POSIX' aio_read page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import {
  aio_cancel,
  AIO_CANCELED,
  aio_read,
  aio_return,
  Aiocb,
  allocate,
  EBADF,
  ECANCELED,
  EFAULT,
  EINVAL,
  EOVERFLOW,
  LIO_WRITE,
} from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { answers } from "./answers.ts";
import { assertCode, assertFails, outcome, outcomes } from "./outcome.ts";
import { SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

/** Reads from a file that holds 1024 bytes of the pattern. */
function read(members: AiocbMembers, fileBytes = 1024): { buffer: Uint8Array; errno: number; bytes: number } {
  using file = new TestFile(pattern(fileBytes));
  const buffer = new Uint8Array(1024);
  using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: buffer, aio_nbytes: 1024, ...members });
  assertEquals(aio_read(cb), 0);
  const errno = outcome(cb);
  return { buffer, errno, bytes: errno === 0 ? aio_return(cb) : 0 };
}

describe("aio_read", () => {
  it("1-1: reads aio_nbytes bytes at aio_offset into aio_buf", () => {
    const { buffer, bytes } = read({ aio_offset: 512, aio_nbytes: 256 });
    assertEquals(bytes, 256);
    assertEquals(buffer.subarray(0, 256), pattern(256, 512));
    assertEquals(buffer.subarray(256), new Uint8Array(768));
  });

  it("3-1: works with aio_error() and aio_return()", () => {
    const { errno, bytes } = read({});
    assertEquals([errno, bytes], [0, 1024]);
  });

  it("3-2: gives the bytes that there are", () => {
    const { buffer, errno, bytes } = read({}, 512);
    assertEquals([errno, bytes], [0, 512]);
    assertEquals(buffer.subarray(0, 512), pattern(512));
  });

  it("4-1: reads at aio_offset, not at the file's position", () => {
    using file = new TestFile(pattern(1024));
    libc().call.lseek(file.fd, 700, 0);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_offset: 100, aio_buf: new Uint8Array(10), aio_nbytes: 10 });
    aio_read(cb);
    outcome(cb);
    assertEquals(cb.aio_buf, pattern(10, 100));
    assertEquals(libc().call.lseek(file.fd, 0, 1), 700);
  });

  it("5-1: ignores aio_lio_opcode", () => {
    const { buffer, bytes } = read({ aio_lio_opcode: LIO_WRITE });
    assertEquals(bytes, 1024);
    assertEquals(buffer, pattern(1024));
  });

  it("7-1: returns 0 when the read is queued", () => {
    using file = new TestFile(pattern(10));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(10), aio_nbytes: 10 });
    assertEquals(aio_read(cb), 0);
    outcome(cb);
  });

  it("8-1: takes a negative priority only where no priority counts", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_reqprio: -1 });
    if (answers.priorities) assertCode("EINVAL", () => aio_read(cb));
    else assertEquals([aio_read(cb), outcome(cb), aio_return(cb)], [0, 0, 0]);
  });

  it("9-1: meets EAGAIN with 1024 reads only where the system has a limit", () => {
    assertEquals(libc().call.sysconf(platform().constants._SC_AIO_MAX), answers.aioMax);
    using file = new TestFile(pattern(1024));
    const buffer = allocate(1024);
    const list = Array.from({ length: 1024 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index,
        aio_buf: buffer.subarray(index),
        aio_nbytes: 1,
      }));
    for (let begin = 0; begin < list.length; begin += answers.requestsMax) {
      const part = list.slice(begin, begin + answers.requestsMax);
      for (const cb of part) assertEquals(aio_read(cb), 0);
      const more = list[begin + part.length];
      if (more !== undefined) assertCode("EAGAIN", () => aio_read(more));
      assertEquals(outcomes(part), part.map(() => 0));
      assertEquals(part.map(aio_return), part.map(() => 1));
    }
    assertEquals([...buffer], [...pattern(1024)]);
  });

  it("10-1: of a bad descriptor fails with EBADF", () => {
    using cb = new Aiocb({ aio_fildes: -1, aio_buf: new Uint8Array(1024), aio_nbytes: 1024 });
    const error = assertFails("EBADF", answers.badDescriptor, cb, aio_read);
    assertEquals([error.errno, error.syscall], [EBADF, "aio_read"]);
    assert(error.message.endsWith("read 1024 bytes at offset 0 of descriptor -1"), error.message);
  });

  it("11-1: at a negative offset fails with EINVAL", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(8), aio_nbytes: 8, aio_offset: -1 });
    assertFails("EINVAL", answers.negativeOffset, cb, aio_read);
  });

  it("11-2: refuses a priority outside 0 to 20 with EINVAL where priorities count", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    for (const aio_reqprio of [-1, 21]) {
      cb.aio_reqprio = aio_reqprio;
      if (answers.priorities) assertCode("EINVAL", () => aio_read(cb));
      else assertEquals([aio_read(cb), outcome(cb), aio_return(cb)], [0, 0, 0]);
    }
  });

  it("2: takes every priority from 0 to 20", () => {
    for (const aio_reqprio of [0, 1, 20]) assertEquals(read({ aio_reqprio }).bytes, 1024);
  });

  it("6: at the end of the file and far behind it gives 0 bytes", () => {
    for (const aio_offset of [1024, 1025, 2 ** 40]) assertEquals(read({ aio_offset }).bytes, 0);
  });

  it("15: at the last offset that there is gives 0 bytes or an error, and nothing else", () => {
    const { errno, bytes } = read({ aio_offset: 2n ** 63n - 1n });
    assert([0, EINVAL, EOVERFLOW].includes(errno), `${errno}`);
    assertEquals(bytes, 0);
  });

  it("12: that was cancelled ends with ECANCELED", () => {
    using writes = new SocketWrites(3).submit();
    using cb = new Aiocb({ aio_fildes: writes.sockets.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    assertEquals(aio_cancel(writes.sockets.fd, cb), AIO_CANCELED); // glibc has it wait behind the write that blocks
    assertEquals(outcome(cb), ECANCELED);
  });

  it("13: of nothing gives 0 bytes, with and without a buffer", () => {
    assertEquals(read({ aio_nbytes: 0 }).bytes, 0);
    assertEquals(read({ aio_nbytes: 0, aio_buf: null }).bytes, 0);
    assertEquals(read({ aio_nbytes: 0, aio_buf: new Uint8Array(0) }).bytes, 0);
  });

  it("without a buffer throws EFAULT at once, where C would tell at the end", () => {
    using file = new TestFile(pattern(10));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_nbytes: 10 });
    assertEquals(assertCode("EFAULT", () => aio_read(cb)).errno, EFAULT);
  });

  it("of a write-only descriptor fails with EBADF", () => {
    using file = new TestFile(pattern(10), "w");
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    assertFails("EBADF", answers.wrongMode, cb, aio_read);
  });
});
