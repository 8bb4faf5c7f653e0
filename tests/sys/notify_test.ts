// Notification by function and by signal. Node takes no calls from foreign threads, and FreeBSD's libc makes none: there each
// test by function expects the error that says so.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { door } from "../../ffi/door.ts";
import {
  aio_cancel,
  AIO_CANCELED,
  aio_read,
  Aiocb,
  allocate,
  lio_listio,
  LIO_NOWAIT,
  LIO_READ,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
} from "../../sys.ts";
import type { NotifyFunction, Sigevent } from "../../sys.ts";
import { platform } from "../../structs/platform.ts";
import { EMULATOR } from "../support/child.ts";
import { answers, onFreebsd } from "./answers.ts";
import { assertCode, assertFails, outcome, outcomes } from "./outcome.ts";
import { numberOf, SignalCounter } from "./signals.ts";
import { BLOCKED, cancelOf, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";

const hasCalls = door().callback !== undefined && platform().behaviour.functionNotification;

function call(run: NotifyFunction, sigev_value = 0): Partial<Sigevent> {
  return { sigev_notify: SIGEV_THREAD, sigev_value, sigev_notify_function: run };
}

function reads(file: TestFile, count: number, sigeventOf: (index: number) => Partial<Sigevent>): Aiocb[] {
  return Array.from({ length: count }, (_, index) =>
    new Aiocb({
      aio_fildes: file.fd,
      aio_buf: allocate(16),
      aio_nbytes: 16,
      aio_lio_opcode: LIO_READ,
      aio_sigevent: sigeventOf(index),
    }));
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition() && turn < 1000; turn++) await sleep(10);
}

/** Where the runtime takes no calls from other threads, the submission must say so; elsewhere the rest of the test runs. */
function isRefused(submit: () => unknown): boolean {
  if (hasCalls) {
    submit();
    return false;
  }
  const error = assertCode("ENOTSUP", submit);
  assert(error.message.includes("SIGEV_SIGNAL"), error.message);
  return true;
}

describe("SIGEV_THREAD", () => {
  it("calls the function once for each of a hundred requests, each with its value", async () => {
    using file = new TestFile(pattern(16));
    const values: number[] = [];
    const list = reads(file, 100, (index) => call((value) => void values.push(value), index * 3));
    if (isRefused(() => list.forEach(aio_read))) return;
    await until(() => values.length === 100);
    await sleep(20);
    assertEquals(values.sort((a, b) => a - b), list.map((_, index) => index * 3));
    assertEquals(outcomes(list), Array(100).fill(0));
  });

  it("calls the list's function once, when all of lio_listio() have ended", async () => {
    using writes = new SocketWrites(8);
    const values: number[] = [];
    const event = call((value) => void values.push(value), 99);
    if (isRefused(() => lio_listio(LIO_NOWAIT, writes.list, event))) return;
    writes.untilBlocked();
    await sleep(30);
    assertEquals(values, []);
    writes.drain();
    await until(() => values.length > 0);
    await sleep(20);
    assertEquals(values, [99]);
  });

  it("calls the function of a cancelled request too", async () => {
    const values: number[] = [];
    using writes = new SocketWrites(4, (index) => ({
      aio_sigevent: index === 3 ? call((value) => void values.push(value), 3) : {},
    }));
    if (isRefused(() => writes.submit())) return;
    aio_cancel(writes.sockets.fd, writes.list[BLOCKED + 1]);
    if (cancelOf(BLOCKED + 1) !== AIO_CANCELED) writes.drain();
    await until(() => values.length > 0);
    assertEquals(values, [3]);
  });

  it("lets the function submit the next request with the same block", async () => {
    using file = new TestFile(pattern(16));
    let calls = 0;
    const [cb] = reads(file, 1, () =>
      call(() => {
        if (++calls < 20) aio_read(cb);
      }));
    if (isRefused(() => aio_read(cb))) return;
    await until(() => calls === 20);
    assertEquals(calls, 20);
  });

  it("calls although the block was disposed meanwhile", async () => {
    using file = new TestFile(pattern(16));
    const values: number[] = [];
    const [cb] = reads(file, 1, () => call((value) => void values.push(value), 5));
    if (isRefused(() => aio_read(cb))) return;
    cb[Symbol.dispose]();
    await until(() => values.length > 0);
    assertEquals(values, [5]);
  });

  it("without a function throws, and nothing is submitted", () => {
    using file = new TestFile(pattern(16));
    const [cb] = reads(file, 1, () => ({ sigev_notify: SIGEV_THREAD }));
    if (hasCalls) {
      assertThrows(() => aio_read(cb), TypeError, "sigev_notify_function is not a function");
      assertThrows(() => lio_listio(LIO_NOWAIT, [], { sigev_notify: SIGEV_THREAD }), TypeError, "lio_listio");
    } else {
      assertCode("ENOTSUP", () => aio_read(cb));
    }
    cb.aio_sigevent = {};
    aio_read(cb);
    assertEquals(outcome(cb), 0);
  });

  it("keeps the process alive until the call has come, and no longer", () => {
    const sys = new URL("../../sys.ts", import.meta.url).href;
    const choose = new URL("../freebsd/choose.ts", import.meta.url).href;
    const source = `
      ${onFreebsd ? `import "${choose}";` : ""}
      import * as sys from "${sys}";
      import { openSync } from "node:fs";
      const cb = new sys.Aiocb({ aio_fildes: openSync("/dev/null", "r"), aio_buf: sys.allocate(1), aio_nbytes: 1 });
      cb.aio_sigevent = { sigev_notify: sys.SIGEV_THREAD, sigev_value: 42, sigev_notify_function: (v) => console.log("got", v) };
      try { sys.aio_read(cb); } catch (error) { console.log(error.code); }
    `;
    using script = new TestFile(new TextEncoder().encode(source));
    const [runtime, ...before] = [...EMULATOR, process.execPath];
    const { stdout, status, stderr } = spawnSync(runtime, [...before, script.path], {
      timeout: 20_000,
      encoding: "utf8",
    });
    assertEquals([stdout.trim(), status], [hasCalls ? "got 42" : "ENOTSUP", 0], stderr);
  });
});

describe("SIGEV_SIGNAL", () => {
  it("sends the signal once for a request", async () => {
    const counter = new SignalCounter("SIGUSR2");
    using file = new TestFile(pattern(16));
    const [cb] = reads(file, 1, () => ({ sigev_notify: SIGEV_SIGNAL, sigev_signo: numberOf("SIGUSR2") }));
    aio_read(cb);
    await counter.untilAll();
    await sleep(20);
    assertEquals(counter.counts, [1]);
    assertEquals(outcome(cb), 0);
  });

  it("with a number that is no signal makes the request fail with EINVAL, or tells nobody in musl", () => {
    using file = new TestFile(pattern(16));
    const [cb] = reads(file, 1, () => ({ sigev_notify: SIGEV_SIGNAL, sigev_signo: 4000 }));
    if (answers.badSignal !== "never") return void assertFails("EINVAL", answers.badSignal, cb, aio_read);
    aio_read(cb);
    assertEquals(outcome(cb), 0);
  });
});

describe("SIGEV_NONE", () => {
  it("is what a new block has, and what an unknown number means on Linux", () => {
    using file = new TestFile(pattern(16));
    const [cb] = reads(file, 1, () => ({}));
    assertEquals(cb.aio_sigevent.sigev_notify, SIGEV_NONE);
    aio_read(cb);
    assertEquals(outcome(cb), 0);
    cb.aio_sigevent.sigev_notify = 99;
    if (answers.unknownNotification !== "never") {
      return void assertFails("EINVAL", answers.unknownNotification, cb, aio_read);
    }
    aio_read(cb);
    assertEquals(outcome(cb), 0);
  });
});
