/**
 * What `aio copy` prints: for people, or as JSON lines for programs.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import type { CopyResult } from "../transfer/single/result.ts";
import type { CopyProgress } from "../transfer/single/progress.ts";
import { formatBytes, formatRate, formatTime } from "./format.ts";
import { complain, print } from "./output.ts";
import { explained } from "./hints.ts";
import type { ProgressLine } from "./progress_line.ts";
import { quoteName } from "./quote.ts";

/** Time between two progress objects, in milliseconds. */
const JSON_MS = 500;

/** Takes what happens to each file. */
export interface CopyReport {
  /** A file begins; gives what takes its progress. */
  begin(label: string, source: string, target: string): Promise<((progress: CopyProgress) => void) | undefined>;
  /** It has arrived. */
  copied(result: CopyResult): void;
  /** It has not. */
  failed(source: string, target: string, error: unknown): void;
  /** There are no more files. */
  end(failed: number): void;
}

class Totals {
  files = 0;
  bytes = 0;
  readonly #began = performance.now();

  get milliseconds(): number {
    return performance.now() - this.#began;
  }

  add({ size }: CopyResult): void {
    this.files++;
    this.bytes += size;
  }
}

/** For people: a line for each file, one more for several. */
export class TextReport implements CopyReport {
  readonly #summary: boolean;
  readonly #progress: boolean;
  readonly #totals = new Totals();
  #line: ProgressLine | undefined;

  constructor(summary: boolean, progress: boolean) {
    this.#summary = summary;
    this.#progress = progress;
  }

  async begin(label: string): Promise<((progress: CopyProgress) => void) | undefined> {
    if (!this.#progress) return undefined;
    const line = this.#line = await (await import("./progress_line.ts")).progressLine(label);
    return (progress) => line.update(progress);
  }

  copied(result: CopyResult): void {
    this.#line?.stop();
    this.#totals.add(result);
    if (!this.#summary) return;
    const { source, target, method, how, bytes, size, milliseconds, reason, resumed, anew } = result;
    const missing = size - bytes - resumed;
    const holes = missing > 0 ? `, of which ${formatBytes(missing)} are holes` : "";
    const before = resumed > 0 ? `, of which ${formatBytes(resumed)} were there from before` : "";
    const why = anew === "" ? "" : `  begun anew, instead of going on with an interrupted copy: ${anew}\n`;
    const rate = formatRate(bytes, milliseconds);
    print(
      `${quoteName(source)} -> ${quoteName(target)}: ${formatBytes(size)}${before}${holes}, ${
        formatTime(milliseconds)
      }, ${rate}\n` +
        `  by ${method} (${reason}): ${how}\n${why}`,
    );
  }

  failed(source: string, target: string, error: unknown): void {
    this.#line?.stop();
    const message = explained(error);
    const names = error instanceof AioError ? "" : `, copying "${source}" to "${target}"`;
    complain(`${message}${names}`);
  }

  end(failed: number): void {
    const { files, bytes, milliseconds } = this.#totals;
    if (!this.#summary || files + failed < 2) return;
    const lost = failed === 0 ? "" : `, ${failed} failed`;
    const rate = formatRate(bytes, milliseconds);
    print(`${files} files, ${formatBytes(bytes)}, ${formatTime(milliseconds)}, ${rate}${lost}\n`);
  }
}

/** For programs: one object per line. */
export class JsonReport implements CopyReport {
  readonly #progress: boolean;
  readonly #totals = new Totals();

  constructor(progress: boolean) {
    this.#progress = progress;
  }

  begin(_label: string, source: string, target: string): Promise<((progress: CopyProgress) => void) | undefined> {
    if (!this.#progress) return Promise.resolve(undefined);
    let toldAt = -Infinity;
    return Promise.resolve((progress) => {
      if (progress.milliseconds - toldAt < JSON_MS) return;
      toldAt = progress.milliseconds;
      this.#print("progress", { source, target, ...progress });
    });
  }

  copied(result: CopyResult): void {
    this.#totals.add(result);
    this.#print("copied", { ...result });
  }

  failed(source: string, target: string, error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const { code = null, errno = null, syscall = null } = error instanceof AioError ? error : {};
    this.#print("failed", { source, target, error: { name, message, code, errno, syscall } });
    complain(explained(error));
  }

  end(failed: number): void {
    const { files, bytes, milliseconds } = this.#totals;
    this.#print("summary", { files, failed, bytes, milliseconds });
  }

  #print(event: string, fields: Record<string, unknown>): void {
    print(`${JSON.stringify({ event, ...fields })}\n`);
  }
}
