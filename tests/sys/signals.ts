// Signals for the tests: a listener that counts, and a timer that sends a signal to the thread that blocks.

import process from "node:process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import { itUnless } from "../support/platform.ts";
import { onFreebsd } from "./answers.ts";
import { bind } from "./socket_pair.ts";

type Signal = keyof typeof constants.signals;

/** Signals that every runtime can listen to and that nothing else sends; each is told apart from the others. */
export const SIGNALS: readonly Signal[] = [
  ...["SIGUSR2", "SIGHUP", "SIGALRM", "SIGURG", "SIGXCPU", "SIGVTALRM", "SIGWINCH", "SIGIO", "SIGXFSZ", "SIGQUIT"],
] as Signal[];

/** FreeBSD's numbers, which a library that stands in for FreeBSD's takes on another host too. */
const FREEBSD: Partial<Record<Signal, number>> = {
  ...{ SIGHUP: 1, SIGQUIT: 3, SIGALRM: 14, SIGURG: 16, SIGIO: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26 },
  ...{ SIGWINCH: 28, SIGUSR2: 31 },
};

/** The signal's number. */
export function numberOf(signal: Signal): number {
  return (onFreebsd ? FREEBSD : constants.signals)[signal]!;
}

/** How many of each have arrived. A listener stays: Deno ends the process on a signal whose listener went and came back. */
const arrived = new Map<Signal, number>();

function listen(signal: Signal): void {
  if (arrived.has(signal)) return;
  arrived.set(signal, 0);
  process.on(signal, () => void arrived.set(signal, arrived.get(signal)! + 1));
}

/** Counts the signals that arrive from now on. */
export class SignalCounter {
  readonly #before = new Map<Signal, number>();

  constructor(...signals: readonly Signal[]) {
    for (const signal of signals) {
      listen(signal);
      this.#before.set(signal, arrived.get(signal)!);
    }
  }

  /** How often each signal arrived, in the order in which they were named. */
  get counts(): number[] {
    return [...this.#before].map(([signal, before]) => arrived.get(signal)! - before);
  }

  /** Waits until every signal has arrived, at most ten seconds. */
  untilAll(): Promise<void> {
    return this.until((counts) => !counts.includes(0));
  }

  /** Waits until the counts are as wanted, at most ten seconds. */
  async until(wanted: (counts: number[]) => boolean): Promise<void> {
    for (let turn = 0; !wanted(this.counts) && turn < 1000; turn++) await sleep(10);
  }
}

const CLOCK_MONOTONIC = 1;

/** A signal of its own: one that arrives late must not be counted by another test. */
const TIMER_SIGNAL: Signal = "SIGTTIN";

/** A test that has a signal sent to its thread while that blocks. */
export function itWithTimer(name: string, run: () => void | Promise<void>): void {
  const missing = process.platform === "freebsd"
    ? "its timer that signals a thread is made of Linux' calls"
    : undefined;
  itUnless(missing, name, run);
}

/** Sends a signal to the calling thread every so often, even while it blocks, and interrupts calls by it. */
export class SignalTimer implements Disposable {
  readonly #stop: () => void;

  constructor(everyMs: number) {
    listen(TIMER_SIGNAL);
    this.#stop = (onFreebsd ? startOfStandIn : startOfLinux)(everyMs);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}

/** The library that stands in for FreeBSD's has the order for it. */
function startOfStandIn(everyMs: number): () => void {
  const order = bind("stand_in_interrupt", { result: "i32", parameters: ["i32", "i32", "i32"] });
  order(constants.signals[TIMER_SIGNAL], everyMs, 1);
  return () => void order(0, 0, 0);
}

/** timer_create(2) with SIGEV_THREAD_ID; the runtime's handler restarts calls, `siginterrupt` makes it interrupt them. */
function startOfLinux(everyMs: number): () => void {
  const signal = constants.signals[TIMER_SIGNAL];
  const { structs, constants: numbers } = platform();
  const { address } = map(4096);
  const memory = door().view(address, 4096);
  const event = viewOf(structs.sigevent, memory);
  event.sigev_notify = numbers.SIGEV_THREAD_ID;
  event.sigev_signo = signal;
  event.sigev_notify_thread_id = bind("gettid", { result: "i32", parameters: [] })();
  const time = viewOf(structs.itimerspec, memory, 256);
  time["it_value.tv_nsec"] = time["it_interval.tv_nsec"] = everyMs * 1e6;
  const at = (offset: number) => door().pointer(address + offset);
  // int siginterrupt(int sig, int flag);
  bind("siginterrupt", { result: "i32", parameters: ["i32", "i32"] })(signal, 1);
  // int timer_create(clockid_t clockid, struct sigevent *sevp, timer_t *timerid);
  const create = bind("timer_create", { result: "i32", parameters: ["i32", "pointer", "pointer"] });
  if (create(CLOCK_MONOTONIC, at(0), at(512)) !== 0) throw new Error(`timer_create: errno ${libc().errno()}`);
  const timer = door().pointer(Number(new DataView(memory).getBigUint64(512, true)));
  // int timer_settime(timer_t timerid, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);
  const settime = bind("timer_settime", { result: "i32", parameters: ["pointer", "i32", "pointer", "pointer"] });
  if (settime(timer, 0, at(256), door().pointer(0)) !== 0) throw new Error("timer_settime failed");
  return () => void bind("timer_delete", { result: "i32", parameters: ["pointer"] })(timer);
}
