// Signals for the tests: a listener that counts, and a timer that sends a signal to the thread that blocks.

import process from "node:process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { platform } from "../../structs/platform.ts";
import { viewOf } from "../../structs/view.ts";
import { bind } from "./socket_pair.ts";

type Signal = keyof typeof constants.signals;

/** Signals that every runtime can listen to and that nothing else sends; each is told apart from the others. */
export const SIGNALS: readonly Signal[] = [
  ...["SIGUSR2", "SIGHUP", "SIGALRM", "SIGURG", "SIGXCPU", "SIGVTALRM", "SIGWINCH", "SIGIO", "SIGXFSZ", "SIGQUIT"],
] as Signal[];

/** The signal's number. */
export function numberOf(signal: Signal): number {
  return constants.signals[signal];
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
  async untilAll(): Promise<void> {
    for (let turn = 0; this.counts.includes(0) && turn < 1000; turn++) await sleep(10);
  }
}

const CLOCK_MONOTONIC = 1;

/** A signal of its own: one that arrives late must not be counted by another test. */
const TIMER_SIGNAL: Signal = "SIGTTIN";

/**
 * Sends a signal to the calling thread every so often, even while it blocks: timer_create(2) with SIGEV_THREAD_ID.
 * The handler that the runtime installed restarts calls; `siginterrupt` makes it interrupt them.
 */
export class SignalTimer implements Disposable {
  readonly #timer: ReturnType<ReturnType<typeof door>["pointer"]>;

  constructor(everyMs: number) {
    listen(TIMER_SIGNAL);
    const { structs, constants } = platform();
    const { address } = map(4096);
    const memory = door().view(address, 4096);
    const event = viewOf(structs.sigevent, memory);
    event.sigev_notify = constants.SIGEV_THREAD_ID;
    event.sigev_signo = numberOf(TIMER_SIGNAL);
    event.sigev_notify_thread_id = bind("gettid", { result: "i32", parameters: [] })();
    const time = viewOf(structs.itimerspec, memory, 256);
    time["it_value.tv_nsec"] = time["it_interval.tv_nsec"] = everyMs * 1e6;
    const at = (offset: number) => door().pointer(address + offset);
    // int siginterrupt(int sig, int flag);
    bind("siginterrupt", { result: "i32", parameters: ["i32", "i32"] })(numberOf(TIMER_SIGNAL), 1);
    // int timer_create(clockid_t clockid, struct sigevent *sevp, timer_t *timerid);
    const create = bind("timer_create", { result: "i32", parameters: ["i32", "pointer", "pointer"] });
    if (create(CLOCK_MONOTONIC, at(0), at(512)) !== 0) throw new Error(`timer_create: errno ${libc().errno()}`);
    this.#timer = door().pointer(Number(new DataView(memory).getBigUint64(512, true)));
    // int timer_settime(timer_t timerid, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);
    const settime = bind("timer_settime", { result: "i32", parameters: ["pointer", "i32", "pointer", "pointer"] });
    if (settime(this.#timer, 0, at(256), door().pointer(0)) !== 0) throw new Error("timer_settime failed");
  }

  [Symbol.dispose](): void {
    bind("timer_delete", { result: "i32", parameters: ["pointer"] })(this.#timer);
  }
}
