/**
 * The exit statuses: the one table that the command, its help, the manual page and docs/command.md share.
 *
 * @module
 */

/** One of them. */
export interface ExitStatus {
  readonly status: number;
  /** What it means, as the end of "... if" or "... after". */
  readonly meaning: string;
}

/** All of them, by what leads to them. */
export const STATUSES: Readonly<Record<"done" | "failed" | "usage" | "SIGHUP" | "SIGINT" | "SIGTERM", ExitStatus>> = {
  done: { status: 0, meaning: "everything was done" },
  failed: { status: 1, meaning: "something failed; standard error says what, and the rest was done" },
  usage: { status: 2, meaning: "wrong usage; nothing was done" },
  SIGHUP: { status: 129, meaning: "stopped by SIGHUP, after cleaning up" },
  SIGINT: { status: 130, meaning: "stopped by Ctrl-C (SIGINT), after cleaning up" },
  SIGTERM: { status: 143, meaning: "stopped by SIGTERM, after cleaning up" },
};

/**
 * The line of a help text.
 *
 * @param done When the status is 0.
 * @param failed When it is 1.
 * @param interruptible Whether Ctrl-C has a status of its own.
 * @returns A sentence.
 */
export function statusLine(done: string, failed: string, interruptible: boolean): string {
  const { usage, SIGINT } = STATUSES;
  const ctrlC = interruptible ? `, ${SIGINT.status} after Ctrl-C` : "";
  return `Exit status: ${STATUSES.done.status} if ${done}, ${STATUSES.failed.status} if ${failed}, ` +
    `${usage.status} for wrong usage${ctrlC}.`;
}
