/**
 * Ctrl-C and its relatives: the first one aborts what runs, so that it cleans up; the second one ends the process.
 *
 * @module
 */

import process from "node:process";
import { STATUSES } from "./spec/statuses.ts";

/** What comes so soon after the first one, in milliseconds, is the same again: people are not as fast. */
const REPEATED_MS = 400;

/** Signals and the exit status that they lead to: 128 and the signal's number. */
const SIGNALS = {
  SIGINT: STATUSES.SIGINT.status,
  SIGTERM: STATUSES.SIGTERM.status,
  SIGHUP: STATUSES.SIGHUP.status,
} as const;

/**
 * Runs something that signals abort.
 *
 * @param action What to run.
 * @returns Its exit status, or the signal's.
 */
export async function withSignals(action: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let status: number | undefined;
  let at = 0;
  const listeners = Object.entries(SIGNALS).map(([name, code]) => {
    const listener = () => {
      // a terminal tells every process of the group, and who has started this one may pass it on as well
      if (status !== undefined && performance.now() - at < REPEATED_MS) return;
      if (status !== undefined) process.exit(status);
      at = performance.now();
      status = code;
      controller.abort(new Error(`stopped by ${name}`));
    };
    process.on(name as NodeJS.Signals, listener);
    return () => process.off(name as NodeJS.Signals, listener);
  });
  // a file beyond the largest that is allowed is an error of that file then (EFBIG), not the end of the process
  const ignore = () => {};
  process.on("SIGXFSZ", ignore);
  listeners.push(() => process.off("SIGXFSZ", ignore));
  try {
    const ended = await action(controller.signal);
    return status ?? ended;
  } finally {
    // after a signal they stay: the same one, passed on late, would kill the process before it tells its status
    if (status === undefined) { for (const remove of listeners) remove(); }
  }
}
