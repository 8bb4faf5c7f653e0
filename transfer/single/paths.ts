/**
 * The two ends of a copy by name, and the one funnel through which what goes wrong becomes an {@linkcode AioError} that
 * names them both.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { AioError } from "../../ffi/errno.ts";

/** The names of a copy's two ends, as its caller gave them. */
export class Paths {
  /** The source. */
  readonly source: string;
  /** The target. */
  readonly target: string;
  /** Errors that say it all. */
  readonly #said = new WeakSet<object>();

  constructor(source: string | URL, target: string | URL) {
    this.source = toPath("source", source);
    this.target = toPath("target", target);
  }

  /**
   * Says what went wrong.
   *
   * @param step What was being done, such as `open the source`.
   * @param error What was thrown: by node:fs, by a queue, or by anything else, which stays as it is.
   * @returns What to throw.
   */
  error(step: string, error: unknown): unknown {
    if (typeof error === "object" && error !== null && this.#said.has(error)) return error;
    return this.#say(this.#tell(step, error));
  }

  #say<Failure>(error: Failure): Failure {
    if (typeof error === "object" && error !== null) this.#said.add(error);
    return error;
  }

  #tell(step: string, error: unknown): unknown {
    const { code, syscall, bytes, name, message, permission } = error as Partial<AioError> & { permission?: string };
    if (code === "ERR_ACCESS_DENIED" && !message?.includes("--allow")) {
      const flag = permission === "FileSystemWrite" ? "--allow-fs-write" : "--allow-fs-read";
      return new Error(`Cannot ${this.#tried(step)}: access is not allowed, run with ${flag}`, { cause: error });
    }
    if (name === "AbortError") return error;
    if (typeof code === "string" && typeof syscall === "string") {
      return new AioError(syscall, code, this.#tried(step), { bytes, cause: error });
    }
    // some of Deno's say no more than this
    const number = /\(os error (\d+)\)$/.exec(message ?? "")?.[1];
    return number === undefined ? error : new AioError("copy", Number(number), this.#tried(step), { cause: error });
  }

  /**
   * Makes an error.
   *
   * @param syscall The C function that failed, or `copy`.
   * @param code The C name or the number of the error.
   * @param step What was being done.
   * @returns The error.
   */
  failure(syscall: string, code: string | number, step: string): AioError {
    return this.#say(new AioError(syscall, code, this.#tried(step)));
  }

  /**
   * Says that a file that was written in place is neither what it was nor what it was to be.
   *
   * @param error What went wrong.
   * @returns What to throw.
   */
  damaged(error: unknown): unknown {
    const { code = "EIO", syscall = "copy", bytes } = error as Partial<AioError>;
    const known = typeof code === "string" ? code : "EIO";
    const why = error instanceof Error ? error.message : String(error);
    const tried = this.#tried(`the target was being written in place and is damaged (${why})`);
    return this.#say(new AioError(syscall, known, tried, { bytes, cause: error }));
  }

  /**
   * Does one step.
   *
   * @param step What it does, such as `open the source`.
   * @param action Does it.
   * @returns What the action gives.
   */
  async step<Result>(step: string, action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw this.error(step, error);
    }
  }

  #tried(step: string): string {
    return `${step}, copying "${this.source}" to "${this.target}"`;
  }
}

function toPath(name: string, value: unknown): string {
  const path = value instanceof URL ? fileURLToPath(value) : value;
  if (typeof path !== "string") {
    throw new TypeError(`Cannot use ${name} of type ${typeof value}: expected a path or URL`);
  }
  if (path === "" || path.includes("\0")) {
    throw new TypeError(`Cannot use ${name} ${JSON.stringify(path)}: expected a path that is not empty, without NUL`);
  }
  return path;
}
