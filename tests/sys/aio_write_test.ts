// The assertions of POSIX' aio_write page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import {
  aio_cancel,
  aio_error,
  aio_return,
  aio_write,
  Aiocb,
  EBADF,
  EFBIG,
  EINVAL,
  LIO_READ,
  O_RDONLY,
} from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { answers } from "./answers.ts";
import { assertCode, assertFails, outcome, outcomes } from "./outcome.ts";
import { cancelOf, errorAfterCancel, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

/** Writes 512 bytes of the pattern into a file. */
function write(members: AiocbMembers, content = new Uint8Array(0)) {
  using file = new TestFile(content);
  using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(512), aio_nbytes: 512, ...members });
  assertEquals(aio_write(cb), 0);
  const errno = outcome(cb);
  return { errno, bytes: errno === 0 ? aio_return(cb) : 0, content: file.content() };
}

describe("aio_write", () => {
  it("1-1: writes aio_nbytes bytes from aio_buf", () => {
    const { bytes, content } = write({});
    assertEquals(bytes, 512);
    assertEquals(content, pattern(512));
  });

  it("1-2: writes at aio_offset and changes nothing else", () => {
    const { content } = write({ aio_offset: 512, aio_buf: pattern(1024), aio_nbytes: 1024 }, new Uint8Array(2048));
    const expected = new Uint8Array(2048);
    expected.set(pattern(1024), 512);
    assertEquals(content, expected);
  });

  it("2-1: appends with O_APPEND, in the order of the calls where there is one", () => {
    using file = new TestFile(new Uint8Array(0), "a+");
    const list = [100, 30, 700].map((bytes, index) =>
      new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(bytes).fill(index + 1), aio_nbytes: bytes })
    );
    for (const cb of list) aio_write(cb);
    assertEquals(outcomes(list), [0, 0, 0]);
    assertEquals(list.map(aio_return), [100, 30, 700]);
    const found = file.content();
    if (!answers.appendsInOrder) found.sort();
    assertEquals([...found], [...Array(100).fill(1), ...Array(30).fill(2), ...Array(700).fill(3)]);
  });

  it("3-1: ignores aio_lio_opcode", () => {
    assertEquals(write({ aio_lio_opcode: LIO_READ }).content, pattern(512));
  });

  it("5-1: returns 0 when the write is queued", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(8), aio_nbytes: 8 });
    assertEquals(aio_write(cb), 0);
    outcome(cb);
  });

  it("6-1: takes a negative priority only where no priority counts", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_reqprio: -1 });
    if (answers.priorities) assertCode("EINVAL", () => aio_write(cb));
    else assertEquals([aio_write(cb), outcome(cb), aio_return(cb)], [0, 0, 0]);
  });

  it("7-1: meets EAGAIN with 1024 writes only where the system has a limit", () => {
    assertEquals(libc().call.sysconf(platform().constants._SC_AIO_MAX), answers.aioMax);
    using file = new TestFile();
    const bytes = pattern(1024);
    const list = Array.from({ length: 1024 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index,
        aio_buf: bytes.subarray(index),
        aio_nbytes: 1,
      }));
    for (let begin = 0; begin < list.length; begin += answers.requestsMax) {
      const part = list.slice(begin, begin + answers.requestsMax);
      for (const cb of part) assertEquals(aio_write(cb), 0);
      const more = list[begin + part.length];
      if (more !== undefined) assertCode("EAGAIN", () => aio_write(more));
      assertEquals(outcomes(part), part.map(() => 0));
      assertEquals(part.map(aio_return), part.map(() => 1));
    }
    assertEquals(file.content(), bytes);
  });

  it("8-1: to a bad descriptor fails with EBADF", () => {
    using cb = new Aiocb({ aio_fildes: -1, aio_buf: new Uint8Array(512), aio_nbytes: 512 });
    const error = assertFails("EBADF", answers.badDescriptor, cb, aio_write);
    assertEquals([error.errno, error.syscall], [EBADF, "aio_write"]);
    assert(error.message.endsWith("write 512 bytes at offset 0 of descriptor -1"), error.message);
  });

  it("8-2: to a read-only descriptor fails with EBADF", () => {
    using file = new TestFile(pattern(8), O_RDONLY);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(8), aio_nbytes: 8 });
    assertFails("EBADF", answers.wrongMode, cb, aio_write);
  });

  it("9-1: at a negative offset fails with EINVAL", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(8), aio_nbytes: 8, aio_offset: -1 });
    assertFails("EINVAL", answers.negativeOffset, cb, aio_write);
  });

  it("9-2: refuses a priority outside 0 to 20 with EINVAL where priorities count", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    for (const aio_reqprio of [-1, 21]) {
      cb.aio_reqprio = aio_reqprio;
      if (answers.priorities) assertCode("EINVAL", () => aio_write(cb));
      else assertEquals([aio_write(cb), outcome(cb), aio_return(cb)], [0, 0, 0]);
    }
  });

  it("4: of nothing gives 0 bytes", () => {
    const { errno, bytes, content } = write({ aio_nbytes: 0 });
    assertEquals([errno, bytes, content.length], [0, 0, 0]);
  });

  it("10: past the last offset that there is ends with EFBIG, or with the EINVAL of newer kernels", () => {
    const { errno, content } = write({ aio_offset: 2n ** 63n - 1n });
    assert([EFBIG, EINVAL].includes(errno), `${errno}`);
    assertEquals(content.length, 0);
  });

  it("13: that was cancelled ends with ECANCELED", () => {
    using writes = new SocketWrites(4).submit();
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[3]), cancelOf(3));
    assertEquals(aio_error(writes.list[3]), errorAfterCancel(3));
  });

  it("leaves the file's position where it is", () => {
    using file = new TestFile(pattern(100));
    libc().call.lseek(file.fd, 77, 0);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(8), aio_nbytes: 8 });
    aio_write(cb);
    outcome(cb);
    assertEquals(libc().call.lseek(file.fd, 0, 1), 77);
  });
});
