// The assertions of POSIX' aio_fsync page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  aio_error,
  aio_fsync,
  aio_return,
  aio_write,
  Aiocb,
  allocate,
  EBADF,
  ECANCELED,
  EINPROGRESS,
  EINVAL,
  O_DSYNC,
  O_RDONLY,
  O_SYNC,
} from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { answers } from "./answers.ts";
import { assertCode, assertFails, outcome } from "./outcome.ts";
import { SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itUnless } from "../support/platform.ts";

/** A write with a sync right behind it, the sync with some members of its own. */
function syncBehindWrite(op: number, members: AiocbMembers = {}): void {
  using file = new TestFile();
  using write = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(4096), aio_nbytes: 4096 });
  using sync = new Aiocb({ ...members, aio_fildes: file.fd });
  aio_write(write);
  assertEquals(aio_fsync(op, sync), 0);
  assertEquals(outcome(sync), 0);
  assertNotEquals(aio_error(write), EINPROGRESS);
  assertEquals(aio_return(sync), 0);
  assertEquals([outcome(write), aio_return(write)], [0, 4096]);
}

describe("aio_fsync", () => {
  it("2-1: with O_DSYNC ends when the writes queued before it have", () => syncBehindWrite(O_DSYNC));

  it("3-1: with O_SYNC ends when the writes queued before it have", () => syncBehindWrite(O_SYNC));

  it("4-1: works with aio_error() and aio_return()", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    aio_fsync(O_SYNC, cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 0]);
  });

  const atOnce = answers.syncOfSocket === "call" ? "here is no sync that waits behind a write to a socket" : undefined;
  itUnless(atOnce, "5-1: is in progress once it is queued, and leaves that state", () => {
    using cb = new Aiocb();
    {
      using writes = new SocketWrites(4).submit();
      cb.aio_fildes = writes.sockets.fd;
      aio_fsync(O_SYNC, cb);
      assertEquals(aio_error(cb), EINPROGRESS);
    } // the end of the scope cancels what waits behind the blocked write, or lets it be refused in its turn
    assertEquals(outcome(cb), answers.firstCancelled === "none" ? EINVAL : ECANCELED);
  });

  it("8-1: ignores aio_nbytes, or refuses what is more than SSIZE_MAX", () => {
    const aio_nbytes = 2n ** 64n - 1n;
    if (!answers.syncChecksBytes) return syncBehindWrite(O_SYNC, { aio_nbytes });
    assertCode("EINVAL", () => syncBehindWrite(O_SYNC, { aio_nbytes }));
    syncBehindWrite(O_SYNC, { aio_nbytes: 2n ** 63n - 1n });
  });

  it("8-2: ignores aio_buf", () => syncBehindWrite(O_SYNC, { aio_buf: null, aio_nbytes: 10 }));

  it("8-3: ignores aio_reqprio", () => syncBehindWrite(O_SYNC, { aio_reqprio: -1 }));

  it("8-4: ignores aio_offset", () => syncBehindWrite(O_SYNC, { aio_offset: -1 }));

  it("9-1: returns 0 when the sync is queued", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    assertEquals(aio_fsync(O_DSYNC, cb), 0);
    assertEquals(outcome(cb), 0);
  });

  it("12-1: fails on a bad descriptor with EBADF", () => {
    using cb = new Aiocb({ aio_fildes: -1 });
    const error = assertCode("EBADF", () => aio_fsync(O_SYNC, cb));
    assertEquals([error.errno, error.syscall], [EBADF, "aio_fsync"]);
    assert(error.message.endsWith("sync descriptor -1"), error.message);
  });

  it("14-1: fails for another operation with EINVAL", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    assertCode("EINVAL", () => aio_fsync(-1, cb));
  });

  it("13: of what cannot be synced ends with EINVAL", () => {
    using writes = new SocketWrites(0);
    using cb = new Aiocb({ aio_fildes: writes.sockets.fd });
    assertFails("EINVAL", answers.syncOfSocket, cb, (cb) => aio_fsync(O_SYNC, cb));
  });

  it("10: of a descriptor that is open for reading only is accepted", () => {
    using file = new TestFile(pattern(10), O_RDONLY);
    using cb = new Aiocb({ aio_fildes: file.fd });
    aio_fsync(O_SYNC, cb);
    assertEquals(outcome(cb), 0);
  });

  it("leaves aio_reqprio and aio_lio_opcode as they were set, though glibc overwrites its own", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_reqprio: 5, aio_lio_opcode: 1, aio_buf: allocate(1) });
    aio_fsync(O_SYNC, cb);
    assertEquals(outcome(cb), 0);
    assertEquals([cb.aio_reqprio, cb.aio_lio_opcode], [5, 1]);
  });
});
