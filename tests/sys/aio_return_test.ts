// The assertions of POSIX' aio_return page, by the numbers of LTP's open_posix_testsuite, with glibc's answers.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { aio_error, aio_read, aio_return, aio_write, Aiocb, allocate, EBADF } from "../../sys.ts";
import { assertCode, outcome } from "./outcome.ts";
import { BLOCKED, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itOnLinux } from "../support/platform.ts";

/** A write of 111 bytes that has ended. */
class EndedWrite implements Disposable {
  readonly file: TestFile = new TestFile();
  readonly cb: Aiocb = new Aiocb({ aio_fildes: this.file.fd, aio_buf: pattern(111), aio_nbytes: 111 });

  constructor() {
    aio_write(this.cb);
    assertEquals(outcome(this.cb), 0);
  }

  [Symbol.dispose](): void {
    this.cb[Symbol.dispose]();
    this.file[Symbol.dispose]();
  }
}

describe("aio_return", () => {
  it("1-1: gives the number of bytes written", () => {
    using write = new EndedWrite();
    assertEquals(aio_return(write.cb), 111);
  });

  itOnLinux("2-1: gives the same number when it is asked again", () => {
    using write = new EndedWrite();
    assertEquals([aio_return(write.cb), aio_return(write.cb)], [111, 111]);
  });

  it("3-1: lets the block be submitted again", () => {
    using write = new EndedWrite();
    aio_return(write.cb);
    write.cb.aio_nbytes = 55;
    aio_write(write.cb);
    assertEquals([outcome(write.cb), aio_return(write.cb)], [0, 55]);
  });

  itOnLinux("3-2: leaves the status as it is", () => {
    using write = new EndedWrite();
    aio_return(write.cb);
    assertEquals(aio_error(write.cb), 0);
  });

  itOnLinux("4-1: gives 0 for another block that was never submitted, and the real one keeps its number", () => {
    using write = new EndedWrite();
    using other = new Aiocb({ aio_fildes: write.file.fd, aio_buf: pattern(111), aio_nbytes: 111 });
    assertEquals([aio_return(other), aio_return(write.cb)], [0, 111]);
  });

  itOnLinux("throws EINPROGRESS while the request is in flight, where glibc gives a meaningless 0", () => {
    using writes = new SocketWrites(4).submit();
    for (const cb of writes.list.slice(BLOCKED)) assertCode("EINPROGRESS", () => aio_return(cb));
  });

  itOnLinux("throws the request's error every time it is asked", () => {
    using cb = new Aiocb({ aio_fildes: -1, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    assertEquals(outcome(cb), EBADF);
    for (let times = 0; times < 2; times++) assertEquals(assertCode("EBADF", () => aio_return(cb)).errno, EBADF);
  });
});
