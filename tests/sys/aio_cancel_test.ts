// The assertions of POSIX' aio_cancel page, by the numbers of LTP's open_posix_testsuite, with glibc's answers.

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
import { assertCode, outcome, outcomes } from "./outcome.ts";
import { numberOf, SignalCounter, SIGNALS } from "./signals.ts";
import { BLOCKED, SocketPair, SocketWrites, waitUntilInside } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itOnLinux } from "../support/platform.ts";

describe("aio_cancel", () => {
  it("1-1: cancels one submitted write by its block", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: pattern(1024), aio_nbytes: 1024 });
    aio_write(cb);
    const answer = aio_cancel(file.fd, cb);
    assert([AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE].includes(answer));
    assertEquals(outcome(cb), answer === AIO_CANCELED ? ECANCELED : 0);
  });

  itOnLinux("2-1: cancels every request of the descriptor that has not started", () => {
    using writes = new SocketWrites(8).submit();
    assert([AIO_CANCELED, AIO_NOTCANCELED].includes(aio_cancel(writes.sockets.fd, null)));
    assertEquals(writes.errors().slice(BLOCKED + 1), Array(5).fill(ECANCELED));
  });

  it("2-2: succeeds on a descriptor without requests", () => {
    using file = new TestFile();
    assertEquals(aio_cancel(file.fd, null), AIO_ALLDONE);
  });

  itOnLinux("3-1: notifies of cancelled requests as of others", async () => {
    const signals = SIGNALS.slice(0, 8);
    const counter = new SignalCounter(...signals);
    using writes = new SocketWrites(8, (index) => ({
      aio_sigevent: { sigev_notify: SIGEV_SIGNAL, sigev_signo: numberOf(signals[index]) },
    })).submit();
    aio_cancel(writes.sockets.fd, null);
    assertEquals(writes.errors().filter((errno) => errno === ECANCELED).length, 5);
    writes.drain();
    await counter.untilAll();
    assertEquals(counter.counts, Array(8).fill(1));
  });

  itOnLinux("4-1: a cancelled request has the error ECANCELED and no result", () => {
    using writes = new SocketWrites(8).submit();
    aio_cancel(writes.sockets.fd, null);
    for (const cb of writes.list.slice(BLOCKED + 1)) {
      assertEquals(aio_error(cb), ECANCELED);
      assertEquals(assertCode("ECANCELED", () => aio_return(cb)).syscall, "aio_write");
    }
  });

  itOnLinux("5-1: leaves the running request and its members as they are", () => {
    using writes = new SocketWrites(8).submit();
    const running = writes.list[BLOCKED];
    const { aio_fildes, aio_buf, aio_nbytes, aio_offset } = running;
    assertEquals(aio_cancel(writes.sockets.fd, null), AIO_NOTCANCELED);
    assertEquals(writes.errors(), [0, 0, EINPROGRESS, ...Array(5).fill(ECANCELED)]);
    assert(running.aio_buf === aio_buf);
    assertEquals([running.aio_fildes, running.aio_nbytes, running.aio_offset], [aio_fildes, aio_nbytes, aio_offset]);
  });

  itOnLinux("6-1: cancels exactly the request that is named", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[5]), AIO_CANCELED);
    const running = EINPROGRESS;
    assertEquals(writes.errors(), [0, 0, running, running, running, ECANCELED, running, running]);
  });

  itOnLinux("7-1: says AIO_NOTCANCELED when one of all goes on", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(aio_cancel(writes.sockets.fd, null), AIO_NOTCANCELED);
    assertEquals(writes.errors(), [0, 0, EINPROGRESS, ...Array(5).fill(ECANCELED)]);
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

  itOnLinux("refuses a request of another descriptor with EINVAL", () => {
    using writes = new SocketWrites(4).submit();
    using file = new TestFile();
    assertCode("EINVAL", () => aio_cancel(file.fd, writes.list[3]));
    assertEquals(aio_error(writes.list[3]), EINPROGRESS);
  });

  itOnLinux("says AIO_NOTCANCELED of the request that runs, which then ends as usual", () => {
    using sockets = new SocketPair();
    using cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: allocate(16), aio_nbytes: 16 });
    aio_read(cb);
    waitUntilInside(sockets.fd);
    assertEquals(aio_cancel(sockets.fd, cb), AIO_NOTCANCELED);
    assertEquals(aio_cancel(sockets.fd, null), AIO_NOTCANCELED);
    sockets.send(5);
    assertEquals([outcome(cb), aio_return(cb)], [0, 5]);
  });

  itOnLinux("cancels a queued write and a queued sync (which hangs in musl)", () => {
    using writes = new SocketWrites(4).submit();
    using sync = new Aiocb({ aio_fildes: writes.sockets.fd });
    aio_fsync(O_SYNC, sync);
    assertEquals(aio_cancel(writes.sockets.fd, writes.list[3]), AIO_CANCELED);
    assertEquals(aio_cancel(writes.sockets.fd, sync), AIO_CANCELED);
    assertEquals(outcomes([writes.list[3], sync]), [ECANCELED, ECANCELED]);
  });

  it("of a block that was never submitted says AIO_ALLDONE", () => {
    using file = new TestFile();
    using cb = new Aiocb({ aio_fildes: file.fd });
    assertEquals(aio_cancel(file.fd, cb), AIO_ALLDONE);
  });
});
