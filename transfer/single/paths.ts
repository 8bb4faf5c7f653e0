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
    if (error instanceof AioError && error.cause instanceof AioError) return error; // said already
    const { code, syscall, bytes, name, message } = error as Partial<AioError>;
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
    return new AioError(syscall, code, this.#tried(step));
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

  /** What an aborted copy is rejected with. */
  aborted(signal: AbortSignal, bytes: number): AioError {
    const error = new AioError("copy", "ECANCELED", this.#tried("aborted"), { bytes, cause: signal.reason });
    error.name = "AbortError";
    return error;
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
