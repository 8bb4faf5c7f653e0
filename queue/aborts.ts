/**
 * What requests end with that were aborted.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";

/** What a promise of an aborted request is rejected with, as everywhere on the platform. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("The request was aborted", "AbortError");
}

/** The same for a completion, whose error is an `Error`. */
export function errorOf(signal: AbortSignal): Error {
  const reason = reasonOf(signal);
  if (reason instanceof Error) return reason;
  const error = new AioError("aio_cancel", "ECANCELED", "aborted", { cause: reason });
  error.name = "AbortError";
  return error;
}
