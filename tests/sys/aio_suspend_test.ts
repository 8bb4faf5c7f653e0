// The assertions of POSIX' aio_suspend page, by the numbers of LTP's open_posix_testsuite, with each library's answers, and the
// cases that crash, spin or hang in one libc or another.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { libc } from "../../ffi/libc.ts";
import {
  aio_error,
  aio_read,
  aio_return,
  aio_suspend,
  aio_write,
  Aiocb,
  allocate,
  EINPROGRESS,
  lio_listio,
  LIO_NOWAIT,
  LIO_READ,
} from "../../sys.ts";
import { answers, onFreebsd } from "./answers.ts";
import { answerOf, assertCode, outcomes } from "./outcome.ts";
import { itWithTimer, SignalTimer } from "./signals.ts";
import { BLOCKED, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

const _SC_MONOTONIC_CLOCK = onFreebsd ? 74 : 149;
const NOW = { tv_sec: 0, tv_nsec: 0 };

function milliseconds(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** A write that blocks until its socket is read. */
function blockedWrite(): { cb: Aiocb } & Disposable {
  const writes = new SocketWrites(BLOCKED + 1).submit();
  return { cb: writes.list[BLOCKED], [Symbol.dispose]: () => writes[Symbol.dispose]() };
}

describe("aio_suspend", () => {
  it("1-1: without a timeout waits until the one request of the list has ended", () => {
    using file = new TestFile(pattern(1 << 20));
    const list = Array.from({ length: 10 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index * 1000,
        aio_buf: allocate(1 << 16),
        aio_nbytes: 1 << 16,
        aio_lio_opcode: LIO_READ,
      }));
    lio_listio(LIO_NOWAIT, list, null);
    assertEquals(aio_suspend([null, list[6]], null), 0);
    assertEquals(outcomes(list), list.map(() => 0));
    assertEquals(list.map(aio_return), list.map(() => 1 << 16));
  });

  it("3-1: skips null entries", () => {
    using file = new TestFile();
    const writes = [0, 1, 2].map((index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index * 512,
        aio_buf: pattern(512),
        aio_nbytes: 512,
      })
    );
    for (const cb of writes) aio_write(cb);
    assertEquals(aio_suspend([null, writes[0], null, null, writes[1], null, writes[2], null], null), 0);
    assertEquals(outcomes(writes), [0, 0, 0]);
    assertEquals(writes.map(aio_return), [512, 512, 512]);
  });

  it("4-1: throws EAGAIN when the time is up", () => {
    using blocked = blockedWrite();
    const timeout = { tv_sec: 0, tv_nsec: 20_000_000 };
    const waited = milliseconds(() => assertCode("EAGAIN", () => aio_suspend([blocked.cb], timeout)));
    assert(waited >= 19, `${waited} ms`);
  });

  it("5-1: measures the time by a clock that nobody sets", () => {
    assert(libc().call.sysconf(_SC_MONOTONIC_CLOCK) >= 200112);
    using blocked = blockedWrite();
    assertCode("EAGAIN", () => aio_suspend([blocked.cb], { tv_sec: 0, tv_nsec: 1_000_000 }));
  });

  it("9-1: says in the error what is still in flight and how long it waited", () => {
    using blocked = blockedWrite();
    const error = assertCode("EAGAIN", () => aio_suspend([blocked.cb], { tv_sec: 0, tv_nsec: 1_000_000 }));
    assert(/1 requests in flight, the first: write \d+ bytes at offset 0 .* waited 0\.001 s$/.test(error.message));
    assertEquals(aio_error(blocked.cb), EINPROGRESS);
  });

  it("2: returns at once when a request of the list has ended", () => {
    using writes = new SocketWrites(8).submit();
    assertEquals(aio_suspend(writes.list, null), 0); // the others wait for a reader that never comes
  });

  it("7: returns at once for an empty list, and for one of only null", () => {
    assertEquals(aio_suspend([], null), 0);
    assertEquals(aio_suspend([], { tv_sec: 100, tv_nsec: 0 }), 0);
    assertEquals(aio_suspend([null, null], null), 0);
  });

  it("takes an entry that was never submitted for one that has ended, or does not count it", () => {
    using blocked = blockedWrite();
    using idle = new Aiocb();
    const answer = answerOf(() => aio_suspend([blocked.cb, idle], { tv_sec: 0, tv_nsec: 1_000_000 }));
    assertEquals(answer, answers.suspendSkipsIdle ? "EAGAIN" : 0);
  });

  itWithTimer("10: throws EINTR when a signal comes, with a timeout and without", () => {
    using blocked = blockedWrite();
    using _timer = new SignalTimer(20);
    assertCode("EINTR", () => aio_suspend([blocked.cb], { tv_sec: 60, tv_nsec: 0 }));
    assertCode("EINTR", () => aio_suspend([blocked.cb], null));
    assertEquals(aio_error(blocked.cb), EINPROGRESS);
  });

  it("refuses nanoseconds outside 0 to 999999999, on which glibc aborts and musl spins", () => {
    using blocked = blockedWrite();
    for (const tv_nsec of [-1, 1_000_000_000, Number.MAX_SAFE_INTEGER]) {
      assertCode("EINVAL", () => aio_suspend([blocked.cb], { tv_sec: 0, tv_nsec }));
      assertCode("EINVAL", () => aio_suspend([], { tv_sec: 0, tv_nsec }));
    }
  });

  it("takes negative seconds for a time that is already up, or refuses them", () => {
    using blocked = blockedWrite();
    assertCode(answers.negativeTime, () => aio_suspend([blocked.cb], { tv_sec: -5, tv_nsec: 999_999_999 }));
  });

  itWithTimer("waits with absurdly many seconds, which overflow in glibc", () => {
    using writes = new SocketWrites(BLOCKED + 1).submit();
    using _timer = new SignalTimer(20);
    const list = [writes.list[BLOCKED]];
    assertCode("EINTR", () => aio_suspend(list, { tv_sec: Number.MAX_SAFE_INTEGER, tv_nsec: 999_999_999 }));
  });

  it("asks once with a time of zero", () => {
    using blocked = blockedWrite();
    assertCode("EAGAIN", () => aio_suspend([blocked.cb], NOW));
  });

  it("takes the same request twice in a list", () => {
    using blocked = blockedWrite();
    assertCode("EAGAIN", () => aio_suspend([blocked.cb, blocked.cb], NOW));
  });

  it("waits with as many requests as there may be, and refuses a list that glibc's stack cannot hold", () => {
    using blocked = blockedWrite();
    const waiting = Array.from({ length: Math.min(3000, answers.requestsMax - BLOCKED - 1) }, () => {
      return new Aiocb({ aio_fildes: blocked.cb.aio_fildes, aio_buf: allocate(1), aio_nbytes: 1 });
    });
    for (const cb of waiting) aio_read(cb);
    assertCode("EAGAIN", () => aio_suspend(waiting, { tv_sec: 0, tv_nsec: 1_000_000 }));
    assertCode("EINVAL", () => aio_suspend(Array(16_385).fill(null), null));
    for (const cb of waiting) cb[Symbol.dispose]();
  });

  it("refuses wrong types", () => {
    using cb = new Aiocb();
    const wrong = (list: unknown, timeout?: unknown) => () => aio_suspend(list as [], timeout as null);
    assertThrows(wrong(cb), TypeError, "not an array");
    assertThrows(wrong([undefined]), TypeError, "expected an Aiocb");
    assertThrows(wrong([{}]), TypeError, "expected an Aiocb");
    assertThrows(wrong([cb], 5), TypeError, "timeout");
    assertThrows(wrong([cb], { tv_sec: 1 }), TypeError, "tv_nsec");
    assertThrows(wrong([cb], { tv_sec: 0.5, tv_nsec: 0 }), RangeError, "tv_sec");
    assertThrows(wrong([cb], { tv_sec: NaN, tv_nsec: 0 }), RangeError, "tv_sec");
    assertThrows(wrong([cb], { tv_sec: 1n, tv_nsec: 0 }), TypeError, "tv_sec");
  });
});
