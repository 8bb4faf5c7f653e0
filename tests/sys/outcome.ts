// How the tests wait for requests and look at what they ended with.

import { assertEquals, assertThrows } from "@std/assert";
import { aio_error, aio_suspend, AioError, EINPROGRESS } from "../../sys.ts";
import type { Aiocb } from "../../sys.ts";

/** Waits until every request has ended and gives what `aio_error()` says of each. */
export function outcomes(list: readonly Aiocb[]): number[] {
  for (const cb of list) while (aio_error(cb) === EINPROGRESS) aio_suspend([cb], { tv_sec: 10, tv_nsec: 0 });
  return list.map(aio_error);
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
