// The assertions of POSIX' lio_listio page, by the numbers of LTP's open_posix_testsuite, with each library's answers.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { setTimeout as sleep } from "node:timers/promises";
import * as sys from "../../sys.ts";
import {
  aio_cancel,
  aio_error,
  aio_return,
  aio_suspend,
  aio_write,
  Aiocb,
  EAGAIN,
  EBADF,
  EINPROGRESS,
  EINVAL,
  lio_listio,
  LIO_NOP,
  LIO_NOWAIT,
  LIO_READ,
  LIO_WAIT,
  LIO_WRITE,
  O_RDONLY,
  SIGEV_SIGNAL,
} from "../../sys.ts";
import type { AiocbMembers, Sigevent } from "../../sys.ts";
import { answers } from "./answers.ts";
import { answerOf, assertCode, outcomes } from "./outcome.ts";
import { itWithTimer, numberOf, SignalCounter, SIGNALS, SignalTimer } from "./signals.ts";
import { BLOCKED, errorsAfterCancel, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

const BYTES = 1024;

/** Writes of a kilobyte each, one behind the other, as a list. */
class FileWrites extends TestFile {
  readonly list: Aiocb[];

  constructor(count: number, membersOf: (index: number) => AiocbMembers = () => ({})) {
    super();
    this.list = Array.from({ length: count }, (_, index) =>
      new Aiocb({
        aio_fildes: this.fd,
        aio_offset: index * BYTES,
        aio_buf: pattern(BYTES, index * BYTES),
        aio_nbytes: BYTES,
        aio_lio_opcode: LIO_WRITE,
        ...membersOf(index),
      }));
  }

  errors(): number[] {
    return this.list.map(aio_error);
  }

  override [Symbol.dispose](): void {
    for (const cb of this.list) cb[Symbol.dispose]();
    super[Symbol.dispose]();
  }
}

function signal(index: number): Partial<Sigevent> {
  return { sigev_notify: SIGEV_SIGNAL, sigev_signo: numberOf(SIGNALS[index]) };
}

function successes(count: number): number[] {
  return Array(count).fill(0);
}

describe("lio_listio", () => {
  it("1-1: with LIO_WAIT returns when all have ended, and sends no signal for the list", async () => {
    const counter = new SignalCounter(SIGNALS[0]);
    using writes = new FileWrites(10);
    assertEquals(lio_listio(LIO_WAIT, writes.list, signal(0)), 0);
    assertEquals(writes.errors(), successes(10));
    await sleep(50);
    assertEquals(counter.counts, [0]);
  });

  it("2-1: with LIO_NOWAIT returns while requests are blocked, and signals when all have ended", async () => {
    const counter = new SignalCounter(SIGNALS[0]);
    using writes = new SocketWrites(8);
    assertEquals(lio_listio(LIO_NOWAIT, writes.list, signal(0)), 0);
    writes.untilBlocked();
    assertEquals(aio_error(writes.list[BLOCKED]), EINPROGRESS);
    await sleep(50);
    assertEquals(counter.counts, [0]);
    writes.drain();
    await counter.untilAll();
    assertEquals(counter.counts, [1]);
    assertEquals(writes.errors(), successes(8));
  });

  it("3-1: with LIO_NOWAIT sends the list's signal when all have ended", async () => {
    const counter = new SignalCounter(SIGNALS[0]);
    using writes = new FileWrites(10);
    lio_listio(LIO_NOWAIT, writes.list, signal(0));
    await counter.untilAll();
    assertEquals(counter.counts, [1]);
    assertEquals(writes.errors(), successes(10));
  });

  it("4-1: skips null entries", async () => {
    const counter = new SignalCounter(SIGNALS[0], SIGNALS[1]);
    using writes = new FileWrites(2, (index) => ({ aio_sigevent: signal(index) }));
    assertEquals(lio_listio(LIO_NOWAIT, [null, writes.list[0], null, writes.list[1], null], null), 0);
    await counter.untilAll();
    assertEquals(counter.counts, [1, 1]);
    assertEquals(outcomes(writes.list), [0, 0]);
  });

  it("5-1: takes the three operations, and fails with EIO for another one", () => {
    for (const aio_lio_opcode of [LIO_READ, LIO_WRITE, LIO_NOP]) {
      using writes = new FileWrites(1, () => ({ aio_lio_opcode }));
      assertEquals(lio_listio(LIO_WAIT, writes.list, null), 0);
    }
    using writes = new FileWrites(1, () => ({ aio_lio_opcode: 99 }));
    const error = assertCode("EIO", () => lio_listio(LIO_WAIT, writes.list, null));
    assert(/\b1 .*, the first with EINVAL/.test(error.message), error.message);
    assertEquals(writes.errors(), [EINVAL]);
  });

  it("6-1: has three different operations", () => {
    assertEquals(new Set([LIO_READ, LIO_WRITE, LIO_NOP]).size, 3);
  });

  it("7-1: does nothing and tells nobody for LIO_NOP", async () => {
    const skipped = new SignalCounter(...SIGNALS.slice(0, 2));
    const written = new SignalCounter(...SIGNALS.slice(2));
    using writes = new FileWrites(10, (index) => ({
      aio_lio_opcode: index < 2 ? LIO_NOP : LIO_WRITE,
      aio_sigevent: signal(index),
    }));
    lio_listio(LIO_NOWAIT, writes.list, null);
    const skippedError = answers.returnsOnce ? EINVAL : 0; // as of any block that was never submitted
    assertEquals(outcomes(writes.list), [skippedError, skippedError, ...successes(8)]);
    await written.untilAll();
    assertEquals([...skipped.counts, ...written.counts], [0, 0, ...Array(8).fill(1)]);
    assertEquals(writes.list.slice(2).map(aio_return), Array(8).fill(BYTES));
  });

  it("8-1: reads with LIO_READ as aio_read() does", () => {
    using file = new TestFile(pattern(10 * BYTES));
    const list = Array.from({ length: 10 }, (_, index) =>
      new Aiocb({
        aio_fildes: file.fd,
        aio_offset: index * BYTES,
        aio_buf: new Uint8Array(BYTES),
        aio_nbytes: BYTES,
        aio_lio_opcode: LIO_READ,
      }));
    assertEquals(lio_listio(LIO_WAIT, list, null), 0);
    for (const [index, cb] of list.entries()) {
      assertEquals(aio_return(cb), BYTES);
      assertEquals(cb.aio_buf, pattern(BYTES, index * BYTES));
    }
  });

  it("9-1: writes with LIO_WRITE as aio_write() does", () => {
    using writes = new FileWrites(10);
    lio_listio(LIO_WAIT, writes.list, null);
    assertEquals(writes.content(), pattern(10 * BYTES));
  });

  it("10-1: with LIO_NOWAIT returns 0 when the requests are queued", () => {
    using writes = new FileWrites(10);
    assertEquals(lio_listio(LIO_NOWAIT, writes.list, null), 0);
    assertEquals(outcomes(writes.list), successes(10));
  });

  it("12-1: with LIO_WAIT returns 0 when all have succeeded", () => {
    using writes = new FileWrites(10);
    assertEquals(lio_listio(LIO_WAIT, writes.list, null), 0);
    assertEquals(writes.list.map(aio_return), Array(10).fill(BYTES));
  });

  it("13-1: with LIO_WAIT fails with EIO when one has failed, after all have ended", () => {
    using writes = new FileWrites(10, (index) => index === 4 ? { aio_lio_opcode: 99 } : {});
    assertCode("EIO", () => lio_listio(LIO_WAIT, writes.list, null));
    assertEquals(writes.errors(), successes(10).with(4, EINVAL));
  });

  it("14-1: with LIO_NOWAIT tells of a bad descriptor by entry, and what was queued notifies", async () => {
    const counter = new SignalCounter(...SIGNALS);
    const last = answers.queuesTheRest ? 10 : 4;
    const isQueued = (_: unknown, index: number) => index < last && (index !== 4 || answers.badDescriptor === "end");
    using writes = new FileWrites(10, (index) => ({
      aio_sigevent: signal(index),
      ...(index === 4 && { aio_fildes: -1 }),
    }));
    assertEquals(answerOf(() => lio_listio(LIO_NOWAIT, writes.list, null)), answers.listWithBadDescriptor);
    await counter.until((counts) => !counts.filter(isQueued).includes(0));
    assertEquals(counter.counts, writes.list.map((cb, index) => isQueued(cb, index) ? 1 : 0));
    assertEquals(outcomes(writes.list), [...successes(last), ...Array(10 - last).fill(EAGAIN)].with(4, EBADF));
  });

  it("15-1: gives each entry the status and result of the single call", () => {
    using file = new TestFile(pattern(BYTES));
    using writes = new FileWrites(
      6,
      (index) =>
        index % 2 === 0 ? {} : { aio_fildes: file.fd, aio_lio_opcode: LIO_READ, aio_offset: (index - 1) / 2 * 400 },
    );
    assertEquals(lio_listio(LIO_WAIT, writes.list, null), 0);
    assertEquals(writes.list.map(aio_return), [BYTES, BYTES, BYTES, BYTES - 400, BYTES, BYTES - 800]);
  });

  it("18-1: refuses another mode with EINVAL", () => {
    using writes = new FileWrites(1);
    assertCode("EINVAL", () => lio_listio(-1, writes.list, null));
    assertCode("EINVAL", () => lio_listio(2, writes.list, null));
    assertEquals(writes.content().length, 0);
  });

  it("11: with LIO_NOWAIT queues others when one is refused, and throws", () => {
    using writes = new FileWrites(5, (index) => index === 2 ? answers.badEntry : {});
    assertCode(answers.listWithBadEntry, () => lio_listio(LIO_NOWAIT, writes.list, null));
    const behind = answers.queuesTheRest ? 0 : EAGAIN;
    assertEquals(outcomes(writes.list), [0, 0, sys[answers.badEntryError], behind, behind]);
    assertEquals(aio_return(writes.list[1]), BYTES);
    Object.assign(writes.list[2], { aio_reqprio: 0, aio_fildes: writes.fd });
    assertEquals(lio_listio(LIO_WAIT, [writes.list[2]], null), 0);
  });

  it("16: takes 2048 entries, or as many as there may be requests", () => {
    const count = Math.min(2048, answers.requestsMax);
    using writes = new FileWrites(count);
    assertEquals(lio_listio(LIO_WAIT, writes.list, null), 0);
    assertEquals(writes.content(), pattern(count * BYTES));
    assertEquals(writes.list.map(aio_return), Array(count).fill(BYTES));
  });

  it("17: refuses more entries than glibc's stack can hold with EINVAL", () => {
    assertCode("EINVAL", () => lio_listio(LIO_NOWAIT, Array(16_385).fill(null), null));
  });

  itWithTimer("19: with LIO_WAIT throws EINTR when a signal comes, and the requests go on unharmed", () => {
    using writes = new SocketWrites(8);
    {
      using _timer = new SignalTimer(5);
      for (let times = 0; times < 20; times++) {
        assertCode("EINTR", () => lio_listio(LIO_WAIT, times === 0 ? writes.list : addTo(writes), null));
      }
    }
    assertEquals(aio_error(writes.list[BLOCKED]), EINPROGRESS);
    writes.drain();
    assertEquals(writes.errors(), successes(8 + 19));
    assertEquals(aio_suspend(writes.list, null), 0);
  });

  it("20: tells EBADF and the wrong access mode by entry", () => {
    using file = new TestFile(pattern(10), O_RDONLY);
    using writes = new FileWrites(3, (index) => index === 0 ? {} : { aio_fildes: index === 1 ? file.fd : -1 });
    assertCode("EIO", () => lio_listio(LIO_WAIT, writes.list, null));
    assertEquals(writes.errors(), [0, EBADF, EBADF]);
  });

  it("21: tells ECANCELED by entry", () => {
    using writes = new SocketWrites(6);
    lio_listio(LIO_NOWAIT, writes.list, null);
    writes.untilBlocked();
    aio_cancel(writes.sockets.fd, null);
    assertEquals(writes.errors(), errorsAfterCancel(6));
  });

  it("22: tells EINVAL of a negative offset by entry", () => {
    using writes = new FileWrites(2, (index) => index === 0 ? { aio_offset: -1 } : {});
    assertCode("EIO", () => lio_listio(LIO_WAIT, writes.list, null));
    assertEquals(writes.errors(), [EINVAL, 0]);
  });

  it("25: counts a request that was refused at the call as failed", () => {
    using writes = new FileWrites(2, (index) => index === 0 ? answers.badEntry : {});
    assertCode("EIO", () => lio_listio(LIO_WAIT, writes.list, null));
    assertEquals(writes.errors(), [sys[answers.badEntryError], answers.queuesTheRest ? 0 : EAGAIN]);
  });

  it("returns at once for an empty list, which still tells that all have ended", async () => {
    const counter = new SignalCounter(SIGNALS[0]);
    assertEquals(lio_listio(LIO_WAIT, [], null), 0);
    assertEquals(lio_listio(LIO_WAIT, [null, null], null), 0);
    assertEquals(lio_listio(LIO_NOWAIT, [null], signal(0)), 0);
    await counter.untilAll();
    assertEquals(counter.counts, [1]);
  });

  it("can use a block again after aio_fsync() or another operation, though glibc overwrites its opcode", () => {
    using writes = new FileWrites(1);
    lio_listio(LIO_WAIT, writes.list, null);
    const [cb] = writes.list;
    cb.aio_lio_opcode = LIO_READ;
    cb.aio_buf = new Uint8Array(BYTES);
    aio_write(cb); // overwrites the file with zeroes, and glibc's opcode with LIO_WRITE
    outcomes([cb]);
    cb.aio_buf.fill(1);
    lio_listio(LIO_WAIT, [cb], null);
    assertEquals(cb.aio_buf, new Uint8Array(BYTES));
  });

  it("refuses the whole list when an entry is unfit, and queues nothing", () => {
    using writes = new FileWrites(3);
    const [first, second, third] = writes.list;
    assertCode("EBUSY", () => lio_listio(LIO_NOWAIT, [first, second, first], null));
    third.aio_nbytes = BYTES + 1;
    assertThrows(() => lio_listio(LIO_NOWAIT, [first, third], null), RangeError, "aio_nbytes is 1025");
    third.aio_buf = null;
    assertCode("EFAULT", () => lio_listio(LIO_NOWAIT, [first, third], null));
    for (const entry of [undefined, {}, 7]) {
      assertThrows(() => lio_listio(LIO_NOWAIT, [first, entry as Aiocb], null), TypeError, "expected an Aiocb");
    }
    assertThrows(() => lio_listio(LIO_NOWAIT, first as unknown as Aiocb[], null), TypeError, "not an array");
    assertThrows(() => lio_listio("0" as unknown as number, [first], null), TypeError, "mode");
    assertEquals(writes.content().length, 0);
    assertEquals(lio_listio(LIO_WAIT, [first, second], null), 0);
  });
});

/** A list of one more write that waits behind the blocked one. */
function addTo(writes: SocketWrites): Aiocb[] {
  const { aio_fildes, aio_buf } = writes.list[0];
  const cb = new Aiocb({ aio_fildes, aio_buf, aio_nbytes: 1, aio_lio_opcode: LIO_WRITE });
  writes.list.push(cb);
  return [cb];
}
