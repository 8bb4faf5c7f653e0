// The assertions of POSIX' aio_return page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { closeSync, openSync } from "node:fs";
import { aio_error, aio_read, aio_return, aio_write, Aiocb, allocate, EINVAL, EISDIR } from "../../sys.ts";
import { answers } from "./answers.ts";
import { answerOf, assertCode, outcome } from "./outcome.ts";
import { BLOCKED, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

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

  it("2-1: gives the same number when it is asked again, or EINVAL where it took the result away", () => {
    using write = new EndedWrite();
    assertEquals(aio_return(write.cb), 111);
    assertEquals(answerOf(() => aio_return(write.cb)), answers.returnsOnce ? "EINVAL" : 111);
  });

  it("3-1: lets the block be submitted again", () => {
    using write = new EndedWrite();
    aio_return(write.cb);
    write.cb.aio_nbytes = 55;
    aio_write(write.cb);
    assertEquals([outcome(write.cb), aio_return(write.cb)], [0, 55]);
  });

  it("3-2: leaves the status as it is, or as that of a block that was never submitted", () => {
    using write = new EndedWrite();
    aio_return(write.cb);
    assertEquals(aio_error(write.cb), answers.returnsOnce ? EINVAL : 0);
  });

  it("4-1: gives 0 or EINVAL for another block that was never submitted, and the real one keeps its number", () => {
    using write = new EndedWrite();
    using other = new Aiocb({ aio_fildes: write.file.fd, aio_buf: pattern(111), aio_nbytes: 111 });
    assertEquals(answerOf(() => aio_return(other)), answers.returnsOnce ? "EINVAL" : 0);
    assertEquals(aio_return(write.cb), 111);
  });

  it("throws EINPROGRESS or EINVAL while the request is in flight, where glibc gives a meaningless 0", () => {
    using writes = new SocketWrites(4).submit();
    for (const cb of writes.list.slice(BLOCKED)) assertCode(answers.returnInFlight, () => aio_return(cb));
  });

  it("throws the request's error every time it is asked, or once where it takes the result away", () => {
    const folder = openSync("/", "r");
    using cb = new Aiocb({ aio_fildes: folder, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    assertEquals(outcome(cb), EISDIR);
    assertEquals(assertCode("EISDIR", () => aio_return(cb)).errno, EISDIR);
    assertCode(answers.returnsOnce ? "EINVAL" : "EISDIR", () => aio_return(cb));
    closeSync(folder);
  });
});
