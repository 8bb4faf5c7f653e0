// The assertions of POSIX' aio_cancel page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  AIO_ALLDONE,
  aio_cancel,
  AIO_CANCELED,
  aio_error,
  aio_fsync,
  AIO_NOTCANCELED,
  aio_read,
  aio_return,
  aio_write,
  Aiocb,
  allocate,
  ECANCELED,
  EINPROGRESS,
  O_SYNC,
  SIGEV_SIGNAL,
} from "../../sys.ts";
import { answers } from "./answers.ts";
import { answerOf, assertCode, outcome } from "./outcome.ts";
import { numberOf, SignalCounter, SIGNALS } from "./signals.ts";
import { BLOCKED, cancelOf, errorAfterCancel, errorsAfterCancel } from "./socket_pair.ts";
import { SocketPair, SocketWrites, waitUntilInside } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itUnless } from "../support/platform.ts";

describe("aio_cancel", () => {
  it("1-1: cancels one submitted write by its block", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(1024), aio_nbytes: 1024 });
    aio_write(cb);
    const answer = aio_cancel(file.fd, cb);
    assert([AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE].includes(answer));
    assertEquals(outcome(cb), answer === AIO_CANCELED ? ECANCELED : 0);
  });

  it("2-1: cancels every request of the descriptor that has not started", () => {
    using writes = new SocketWrites(8).submit();
    assert([AIO_CANCELED, AIO_NOTCANCELED].includes(aio_cancel(writes.sockets.fd, null)));
    assertEquals(writes.errors(), errorsAfterCancel(8));
  });

  it("2-2: succeeds on a descriptor without requests", () => {
    using file = new TestFile();
    assertEquals(aio_cancel(file.fd, null), AIO_ALLDONE);
  });

  it("3-1: notifies of cancelled requests as of others", async () => {
    const signals = SIGNALS.slice(0, 8);
    const counter = new SignalCounter(...signals);
    using writes = new SocketWrites(8, (index) => ({
      aio_sigevent: { sigev_notify: SIGEV_SIGNAL, sigev_signo: numberOf(signals[index]) },
    })).submit();
    aio_cancel(writes.sockets.fd, null);
    assertEquals(writes.errors(), errorsAfterCancel(8));
    writes.drain();
    await counter.untilAll();
    assertEquals(counter.counts, Array(8).fill(1));
  });

  it("4-1: a cancelled request has the error ECANCELED and no result", () => {
    using writes = new SocketWrites(8).submit();
    aio_cancel(writes.sockets.fd, null);
    for (const [index, cb] of writes.list.entries()) {
      if (errorAfterCancel(index) !== ECANCELED) continue;
      assertEquals(aio_error(cb), ECANCELED);
      assertEquals(assertCode("ECANCELED", () => aio_return(cb)).syscall, "aio_write");
    }
  });

  it("5-1: leaves the blocked request's members as they are, and the request where it runs", () => {
    using writes = new SocketWrites(8).submit();
    const blocked = writes.list[BLOCKED];
    const { aio_fildes, aio_buf, aio_nbytes, aio_offset } = blocked;
    assertEquals(aio_cancel(writes.sockets.fd, null), cancelOf(BLOCKED));
    assertEquals(aio_error(blocked), errorAfterCancel(BLOCKED));
    assert(blocked.aio_buf === aio_buf);
    assertEquals([blocked.aio_fildes, blocked.aio_nbytes, blocked.aio_offset], [aio_fildes, aio_nbytes, aio_offset]);
  });

  it("6-1: cancels exactly the request that is named", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[5]), cancelOf(5));
    const inFlight = EINPROGRESS;
    assertEquals(writes.errors(), [0, 0, inFlight, inFlight, inFlight, errorAfterCancel(5), inFlight, inFlight]);
  });

  it("7-1: says AIO_NOTCANCELED when one of all goes on", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(aio_cancel(writes.sockets.fd, null), cancelOf(BLOCKED));
    assertEquals(writes.errors().includes(EINPROGRESS), cancelOf(BLOCKED) === AIO_NOTCANCELED);
  });

  it("8-1: says AIO_ALLDONE of a request that has ended", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(512), aio_nbytes: 512 });
    aio_write(cb);
    outcome(cb);
    assertEquals(aio_cancel(file.fd, cb), AIO_ALLDONE);
  });

  it("9-1: fails on a bad descriptor with an error number", () => {
    assert(assertCode("EBADF", () => aio_cancel(-1, null)).errno > 0);
  });

  it("10-1: fails on a bad descriptor with EBADF", () => {
    assertEquals(assertCode("EBADF", () => aio_cancel(-1, null)).syscall, "aio_cancel");
  });

  it("leaves a request of another descriptor alone", () => {
    using writes = new SocketWrites(4).submit();
    using file = new TestFile();
    const expected = answers.cancelOfOther === "EINVAL" ? "EINVAL" : AIO_ALLDONE;
    assertEquals(answerOf(() => aio_cancel(file.fd, writes.list[3])), expected);
    assertEquals(aio_error(writes.list[3]), EINPROGRESS);
  });

  it("says AIO_NOTCANCELED of the read that runs, which then ends as usual, or cancels it", () => {
    using sockets = new SocketPair();
    using cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: allocate(16), aio_nbytes: 16 });
    aio_read(cb);
    waitUntilInside(sockets.fd);
    if (answers.cancelsBlockedRead) {
      assertEquals(aio_cancel(sockets.fd, cb), AIO_CANCELED);
      assertEquals(outcome(cb), ECANCELED);
      assertEquals(aio_cancel(sockets.fd, null), AIO_ALLDONE);
    } else {
      assertEquals(aio_cancel(sockets.fd, cb), AIO_NOTCANCELED);
      assertEquals(aio_cancel(sockets.fd, null), AIO_NOTCANCELED);
      sockets.send(5);
      assertEquals([outcome(cb), aio_return(cb)], [0, 5]);
    }
  });

  const noSync = answers.syncOfSocket === "call" ? "here is no sync that waits behind a write to a socket" : undefined;
  itUnless(noSync, "cancels a queued write and a queued sync, or leaves them where that would hang", () => {
    using writes = new SocketWrites(4).submit();
    using sync = new Aiocb({ aio_fildes: writes.sockets.fd });
    aio_fsync(O_SYNC, sync);
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[3]), cancelOf(3));
    assertEquals(aio_cancel(writes.sockets.fd, sync), cancelOf(3));
    assertEquals([writes.list[3], sync].map(aio_error), [errorAfterCancel(3), errorAfterCancel(3)]);
  });

  it("of a block that was never submitted says AIO_ALLDONE", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    assertEquals(aio_cancel(file.fd, cb), AIO_ALLDONE);
  });
});
