// The assertions of POSIX' aio_read page, by the numbers of LTP's open_posix_testsuite, with glibc's answers.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../ffi/libc.ts";
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
import { assertCode, outcome, outcomes } from "./outcome.ts";
import { SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itOnLinux } from "../support/platform.ts";

const _SC_AIO_MAX = 24, _SC_PRIORITIZED_IO = 13;

/** Reads from a file that holds 1024 bytes of the pattern. */
function read(members: AiocbMembers, fileBytes = 1024): { buffer: Uint8Array; errno: number; result: () => number } {
  using file = new TestFile(pattern(fileBytes));
  const buffer = new Uint8Array(1024);
  const cb = new Aiocb({ aio_fildes: file.fd, aio_buf: buffer, aio_nbytes: 1024, ...members });
  assertEquals(aio_read(cb), 0);
  return { buffer, errno: outcome(cb), result: () => aio_return(cb) };
}

describe("aio_read", () => {
  it("1-1: reads aio_nbytes bytes at aio_offset into aio_buf", () => {
    const { buffer, result } = read({ aio_offset: 512, aio_nbytes: 256 });
    assertEquals(result(), 256);
    assertEquals(buffer.subarray(0, 256), pattern(256, 512));
    assertEquals(buffer.subarray(256), new Uint8Array(768));
  });

  it("3-1: works with aio_error() and aio_return()", () => {
    const { errno, result } = read({});
    assertEquals([errno, result()], [0, 1024]);
  });

  it("3-2: gives the bytes that there are", () => {
    const { buffer, errno, result } = read({}, 512);
    assertEquals([errno, result()], [0, 512]);
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
    const { buffer, result } = read({ aio_lio_opcode: LIO_WRITE });
    assertEquals(result(), 1024);
    assertEquals(buffer, pattern(1024));
  });

  it("7-1: returns 0 when the read is queued", () => {
    using file = new TestFile(pattern(10));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(10), aio_nbytes: 10 });
    assertEquals(aio_read(cb), 0);
    outcome(cb);
  });

  itOnLinux("8-1: fails with a negative priority where priorities count", () => {
    assert(libc().call.sysconf(_SC_PRIORITIZED_IO) >= 200112);
    using cb = new Aiocb({ aio_reqprio: -1 });
    assertCode("EINVAL", () => aio_read(cb));
  });

  itOnLinux("9-1: never meets EAGAIN with 1024 reads, because glibc has no AIO_MAX", () => {
    assertEquals(libc().call.sysconf(_SC_AIO_MAX), -1);
    using file = new TestFile(pattern(1024));
    const buffer = allocate(1024);
    const list = Array.from({ length: 1024 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index,
        aio_buf: buffer.subarray(index),
        aio_nbytes: 1,
      }));
    for (const cb of list) assertEquals(aio_read(cb), 0);
    assertEquals(outcomes(list), Array(1024).fill(0));
    assertEquals([...buffer], [...pattern(1024)]);
  });

  itOnLinux("10-1: of a bad descriptor is queued and ends with EBADF", () => {
    const { errno, result } = read({ aio_fildes: -1 });
    assertEquals(errno, EBADF);
    const error = assertCode("EBADF", result);
    assertEquals(error.syscall, "aio_read");
    assert(error.message.endsWith("read 1024 bytes at offset 0 of descriptor -1"), error.message);
  });

  itOnLinux("11-1: at a negative offset ends with EINVAL", () => {
    const { errno, result } = read({ aio_offset: -1 });
    assertEquals(errno, EINVAL);
    assertCode("EINVAL", result);
  });

  itOnLinux("11-2: fails with a priority outside 0 to 20 with EINVAL", () => {
    using cb = new Aiocb();
    for (const aio_reqprio of [-1, 21]) {
      cb.aio_reqprio = aio_reqprio;
      assertCode("EINVAL", () => aio_read(cb));
    }
  });

  itOnLinux("2: takes every priority from 0 to 20", () => {
    for (const aio_reqprio of [0, 1, 20]) assertEquals(read({ aio_reqprio }).result(), 1024);
  });

  itOnLinux("6: at the end of the file and far behind it gives 0 bytes", () => {
    for (const aio_offset of [1024, 1025, 2 ** 40]) assertEquals(read({ aio_offset }).result(), 0);
  });

  itOnLinux("15: at the last offset that there is gives 0 bytes or an error, and nothing else", () => {
    const { errno, result } = read({ aio_offset: 2n ** 63n - 1n });
    assert([0, EINVAL, EOVERFLOW].includes(errno), `${errno}`);
    if (errno === 0) assertEquals(result(), 0);
  });

  itOnLinux("12: that was cancelled ends with ECANCELED", () => {
    using writes = new SocketWrites(3).submit();
    using cb = new Aiocb({ aio_fildes: writes.sockets.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    assertEquals(aio_cancel(writes.sockets.fd, cb), AIO_CANCELED);
    assertEquals(outcome(cb), ECANCELED);
  });

  itOnLinux("13: of nothing gives 0 bytes, with and without a buffer", () => {
    assertEquals(read({ aio_nbytes: 0 }).result(), 0);
    assertEquals(read({ aio_nbytes: 0, aio_buf: null }).result(), 0);
    assertEquals(read({ aio_nbytes: 0, aio_buf: new Uint8Array(0) }).result(), 0);
  });

  it("without a buffer throws EFAULT at once, where C would tell at the end", () => {
    using file = new TestFile(pattern(10));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_nbytes: 10 });
    assertEquals(assertCode("EFAULT", () => aio_read(cb)).errno, EFAULT);
  });

  itOnLinux("of a write-only descriptor is queued and ends with EBADF", () => {
    using file = new TestFile(pattern(10), "w");
    assertEquals(read({ aio_fildes: file.fd }).errno, EBADF);
  });
});
