// The assertions of POSIX' aio_error page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  aio_error,
  aio_read,
  aio_write,
  Aiocb,
  EBADF,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  EISDIR,
  EMFILE,
} from "../../sys.ts";
import { answers } from "./answers.ts";
import { assertFails, outcome } from "./outcome.ts";
import { BLOCKED, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { closeSync, openSync } from "node:fs";

describe("aio_error", () => {
  it("1-1: is 0 when the request has succeeded", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(111), aio_nbytes: 111 });
    aio_write(cb);
    assertEquals(outcome(cb), 0);
    assertEquals(aio_error(cb), 0);
  });

  it("2-1: is EINPROGRESS while requests are in flight", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(writes.errors().slice(BLOCKED), Array(6).fill(EINPROGRESS));
  });

  it("3-1: is 0 or EINVAL for a block that was never submitted, even with a bad priority", () => {
    using cb = new Aiocb({ aio_reqprio: -1 });
    assertEquals(aio_error(cb), answers.returnsOnce ? EINVAL : 0);
  });

  it("is the error number of the read or write that failed", () => {
    using cb = new Aiocb({ aio_fildes: -1, aio_buf: pattern(8), aio_nbytes: 8 });
    assertFails("EBADF", answers.badDescriptor, cb, aio_read);
    assertEquals(aio_error(cb), EBADF);
    const folder = openSync("/", "r");
    cb.aio_fildes = folder;
    assertFails("EISDIR", "end", cb, aio_read);
    assertEquals(aio_error(cb), EISDIR);
    closeSync(folder);
  });

  it("compares with constants that have the platform's values", () => {
    assertEquals([EINPROGRESS, EINVAL, EFAULT, EMFILE], [...answers.numbers]);
  });
});
