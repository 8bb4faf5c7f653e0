// The assertions of POSIX' aio_write page, by the numbers of LTP's open_posix_testsuite, with glibc's answers.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../ffi/libc.ts";
import {
  aio_cancel,
  AIO_CANCELED,
  aio_return,
  aio_write,
  Aiocb,
  EBADF,
  ECANCELED,
  EFBIG,
  EINVAL,
  LIO_READ,
  O_APPEND,
  O_RDONLY,
  O_RDWR,
} from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcome, outcomes } from "./outcome.ts";
import { SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itOnLinux } from "../support/platform.ts";

const _SC_AIO_MAX = 24, _SC_PRIORITIZED_IO = 13;

/** Writes 512 bytes of the pattern into a file. */
function write(members: AiocbMembers, content = new Uint8Array(0)) {
  using file = new TestFile(content);
  const cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(512), aio_nbytes: 512, ...members });
  assertEquals(aio_write(cb), 0);
  return { errno: outcome(cb), result: () => aio_return(cb), content: file.content() };
}

describe("aio_write", () => {
  it("1-1: writes aio_nbytes bytes from aio_buf", () => {
    const { result, content } = write({});
    assertEquals(result(), 512);
    assertEquals(content, pattern(512));
  });

  it("1-2: writes at aio_offset and changes nothing else", () => {
    const { content } = write({ aio_offset: 512, aio_buf: pattern(1024), aio_nbytes: 1024 }, new Uint8Array(2048));
    const expected = new Uint8Array(2048);
    expected.set(pattern(1024), 512);
    assertEquals(content, expected);
  });

  itOnLinux("2-1: appends in the order of the calls with O_APPEND", () => {
    using file = new TestFile(new Uint8Array(0), O_RDWR | O_APPEND);
    const list = [100, 30, 700].map((bytes, index) =>
      new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(bytes).fill(index + 1), aio_nbytes: bytes })
    );
    for (const cb of list) aio_write(cb);
    assertEquals(outcomes(list), [0, 0, 0]);
    assertEquals(list.map(aio_return), [100, 30, 700]);
    assertEquals([...file.content()], [...Array(100).fill(1), ...Array(30).fill(2), ...Array(700).fill(3)]);
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

  itOnLinux("6-1: fails with a negative priority where priorities count", () => {
    assert(libc().call.sysconf(_SC_PRIORITIZED_IO) >= 200112);
    using cb = new Aiocb({ aio_reqprio: -1 });
    assertCode("EINVAL", () => aio_write(cb));
  });

  itOnLinux("7-1: never meets EAGAIN with 1024 writes, because glibc has no AIO_MAX", () => {
    assertEquals(libc().call.sysconf(_SC_AIO_MAX), -1);
    using file = new TestFile();
    const bytes = pattern(1024);
    const list = Array.from({ length: 1024 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index,
        aio_buf: bytes.subarray(index),
        aio_nbytes: 1,
      }));
    for (const cb of list) assertEquals(aio_write(cb), 0);
    assertEquals(outcomes(list), Array(1024).fill(0));
    assertEquals(file.content(), bytes);
  });

  itOnLinux("8-1: to a bad descriptor is queued and ends with EBADF", () => {
    const { errno, result } = write({ aio_fildes: -1 });
    assertEquals(errno, EBADF);
    const error = assertCode("EBADF", result);
    assertEquals(error.syscall, "aio_write");
    assert(error.message.endsWith("write 512 bytes at offset 0 of descriptor -1"), error.message);
  });

  itOnLinux("8-2: to a read-only descriptor is queued and ends with EBADF", () => {
    using file = new TestFile(pattern(8), O_RDONLY);
    assertEquals(write({ aio_fildes: file.fd }).errno, EBADF);
  });

  itOnLinux("9-1: at a negative offset ends with EINVAL", () => {
    const { errno, result } = write({ aio_offset: -1 });
    assertEquals(errno, EINVAL);
    assertCode("EINVAL", result);
  });

  itOnLinux("9-2: fails with a priority outside 0 to 20 with EINVAL", () => {
    using cb = new Aiocb();
    for (const aio_reqprio of [-1, 21]) {
      cb.aio_reqprio = aio_reqprio;
      assertCode("EINVAL", () => aio_write(cb));
    }
  });

  itOnLinux("4: of nothing gives 0 bytes", () => {
    const { errno, result, content } = write({ aio_nbytes: 0 });
    assertEquals([errno, result(), content.length], [0, 0, 0]);
  });

  itOnLinux("10: past the last offset that there is ends with EFBIG, or with the EINVAL of newer kernels", () => {
    const { errno, content } = write({ aio_offset: 2n ** 63n - 1n });
    assert([EFBIG, EINVAL].includes(errno), `${errno}`);
    assertEquals(content.length, 0);
  });

  itOnLinux("13: that was cancelled ends with ECANCELED", () => {
    using writes = new SocketWrites(4).submit();
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[3]), AIO_CANCELED);
    assertEquals(outcome(writes.list[3]), ECANCELED);
  });

  itOnLinux("leaves the file's position where it is", () => {
    using file = new TestFile(pattern(100));
    libc().call.lseek(file.fd, 77, 0);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(8), aio_nbytes: 8 });
    aio_write(cb);
    outcome(cb);
    assertEquals(libc().call.lseek(file.fd, 0, 1), 77);
  });
});
