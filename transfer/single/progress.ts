/**
 * How far a copy is: counted at every chunk, told a few times a second.
 *
 * @module
 */

/** The least time between two reports, in milliseconds. */
const REPORT_MS = 100;

/**
 * The way a copy goes: by the kernel's own copy calls, or by asynchronous reads and writes.
 *
 * @example
 * ```ts
 * import { copy } from "@posix/aio";
 * import type { CopyMethod } from "@posix/aio";
 *
 * const method: CopyMethod = "aio";
 * console.log((await copy("README.md", "/tmp/README.method", { method })).method); // aio
 * ```
 */
export type CopyMethod = "kernel" | "aio";

/**
 * How far a copy is.
 *
 * @example
 * ```ts
 * import { copy } from "@posix/aio";
 * import type { CopyProgress } from "@posix/aio";
 *
 * const onProgress = ({ bytes, total }: CopyProgress) => console.log(`${bytes} of ${total ?? "unknown"}`);
 * await copy("README.md", "/tmp/README.progress", { onProgress });
 * ```
 */
export interface CopyProgress {
  /** Bytes that have arrived; holes count as they are passed. Never less than in the report before. */
  readonly bytes: number;
  /** Bytes in all, or `null` where only reading tells. */
  readonly total: number | null;
  /** Milliseconds since the copy began. */
  readonly milliseconds: number;
  /** The way that was taken. */
  readonly method: CopyMethod | "plain";
}

/** Counts and reports. */
export class Progress {
  /** The way that was taken. */
  method: CopyMethod | "plain" = "aio";
  /** Bytes in all, if known. */
  total: number | null = null;

  readonly #began = performance.now();
  readonly #report: ((progress: CopyProgress) => void) | undefined;
  #bytes = 0;
  #reportedAt = -Infinity;

  constructor(report: ((progress: CopyProgress) => void) | undefined) {
    this.#report = report;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Time so far. */
  get milliseconds(): number {
    return performance.now() - this.#began;
  }

  /** Counts bytes that have arrived. */
  add(bytes: number): void {
    // what another way does again is not counted twice
    this.#bytes = Math.min(this.#bytes + bytes, this.total ?? Infinity);
    if (this.#report === undefined) return;
    const now = this.milliseconds;
    if (now - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = now;
    this.#tell();
  }

  /** Reports that everything has arrived. */
  finish(bytes: number): void {
    this.#bytes = bytes;
    this.#tell();
  }

  #tell(): void {
    const { bytes, total, milliseconds, method } = this;
    this.#report?.({ bytes, total, milliseconds, method });
  }
}
