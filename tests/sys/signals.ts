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

/** Counts the signals that arrive. */
export class SignalCounter implements Disposable {
  readonly counts: Map<Signal, number> = new Map();
  readonly #listeners = new Map<Signal, () => void>();

  constructor(...signals: readonly Signal[]) {
    for (const signal of signals) {
      const listener = () => void this.counts.set(signal, this.of(signal) + 1);
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  of(signal: Signal): number {
    return this.counts.get(signal) ?? 0;
  }

  /** Waits until as many different signals have arrived, at most ten seconds. */
  async until(different: number): Promise<void> {
    for (let turn = 0; this.counts.size < different && turn < 1000; turn++) await sleep(10);
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}

const CLOCK_MONOTONIC = 1;

/**
 * Sends a signal to the calling thread every so often, even while it blocks: timer_create(2) with SIGEV_THREAD_ID.
 * The handler that the runtime installed restarts calls; `siginterrupt` makes it interrupt them.
 */
export class SignalTimer implements Disposable {
  readonly #listener: SignalCounter;
  readonly #timer: ReturnType<ReturnType<typeof door>["pointer"]>;

  constructor(signal: Signal, everyMs: number) {
    this.#listener = new SignalCounter(signal);
    const { structs, constants } = platform();
    const { address } = map(4096);
    const memory = door().view(address, 4096);
    const event = viewOf(structs.sigevent, memory);
    event.sigev_notify = constants.SIGEV_THREAD_ID;
    event.sigev_signo = numberOf(signal);
    event.sigev_notify_thread_id = bind("gettid", { result: "i32", parameters: [] })();
    const time = viewOf(structs.itimerspec, memory, 256);
    time["it_value.tv_nsec"] = time["it_interval.tv_nsec"] = everyMs * 1e6;
    const at = (offset: number) => door().pointer(address + offset);
    // int siginterrupt(int sig, int flag);
    bind("siginterrupt", { result: "i32", parameters: ["i32", "i32"] })(numberOf(signal), 1);
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
    this.#listener[Symbol.dispose]();
  }
}
