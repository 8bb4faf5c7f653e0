/**
 * What both ways of copying are handed: the opened ends and what the caller wants.
 *
 * @module
 */

import type { CopySettings } from "../options.ts";
import type { Paths } from "./paths.ts";
import type { Progress } from "./progress.ts";
import type { Source } from "./source.ts";
import type { Target } from "./opened.ts";

/** A copy with both ends open. */
export interface CopyJob {
  readonly source: Source;
  readonly target: Target;
  readonly paths: Paths;
  readonly settings: CopySettings;
  readonly progress: Progress;
}

/** How a copy's data went over. */
export interface CopyOutcome {
  /** Bytes that were moved: without holes, and for a source without a size what there was. */
  readonly bytes: number;
  /** The size of the copy. */
  readonly size: number;
  /** What was used, in words. */
  readonly how: string;
}

/**
 * Runs workers side by side until all have ended; the first failure counts.
 *
 * @param count How many.
 * @param work What each does; it looks at `halt` before every step.
 * @param signal The caller's signal.
 */
export async function sideBySide(
  count: number,
  work: (halt: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const halt = new AbortController();
  const onAbort = () => halt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  let failure: { readonly error: unknown } | undefined;
  const run = async () => {
    try {
      await work(halt.signal);
    } catch (error) {
      failure ??= { error };
      halt.abort(error);
    }
  };
  await Promise.all(Array.from({ length: count }, run));
  signal?.removeEventListener("abort", onAbort);
  if (failure !== undefined) throw failure.error;
}
