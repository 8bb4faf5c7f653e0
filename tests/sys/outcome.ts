// How the tests wait for requests and look at what they ended with.

import { assertEquals, assertThrows } from "@std/assert";
import { aio_error, aio_return, aio_suspend, AioError, EINPROGRESS } from "../../sys.ts";
import type { Aiocb } from "../../sys.ts";

/** Waits until every request has ended and gives what `aio_error()` says of each. */
export function outcomes(list: readonly Aiocb[]): number[] {
  for (const cb of list) while (aio_error(cb) === EINPROGRESS) wait(cb);
  return list.map(aio_error);
}

/** A signal that tells of a request may come to this very thread. */
function wait(cb: Aiocb): void {
  try {
    aio_suspend([cb], { tv_sec: 10, tv_nsec: 0 });
  } catch (error) {
    if ((error as AioError).code !== "EINTR") throw error;
  }
}

/** Waits until the request has ended and gives what `aio_error()` says. */
export function outcome(cb: Aiocb): number {
  return outcomes([cb])[0];
}

/** Expects an `AioError` with a code. */
export function assertCode(code: string, call: () => unknown): AioError {
  const error = assertThrows(call, AioError);
  assertEquals(error.code, code);
  return error;
}

/** What a call returns, or the code of the error that it throws. */
export function answerOf(call: () => number): number | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof AioError) return error.code;
    throw error;
  }
}

/** Expects a request to fail with a code, of which the call tells, or the functions that ask when it has ended. */
export function assertFails(code: string, told: "call" | "end", cb: Aiocb, submit: (cb: Aiocb) => unknown): AioError {
  if (told === "call") return assertCode(code, () => submit(cb));
  submit(cb);
  const errno = outcome(cb);
  const error = assertCode(code, () => aio_return(cb));
  assertEquals(error.errno, errno);
  return error;
}
