/**
 * `aio_waitcomplete`: FreeBSD's wait for whichever request of the process ends first.
 *
 * @module
 */

import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import type { Aiocb } from "./aiocb.ts";
import { addressArgument } from "./arguments.ts";
import { controlAt, end, reclaim } from "./control.ts";
import type { Control } from "./control.ts";
import { describe } from "./describe.ts";
import { requireFreebsd } from "./freebsd.ts";
import { requestsOfQueues } from "./queue_hook.ts";
import { checkTime, timeArgument } from "./suspend.ts";
import type { Timespec } from "./suspend.ts";

/**
 * Waits for any request of the process and takes its result:
 * `ssize_t aio_waitcomplete(struct aiocb **iocbp, struct timespec *timeout)`.
 *
 * The oldest of all that have ended is taken, as by `aio_return()`, which must not be called for it any more. It blocks
 * the JavaScript thread.
 *
 * Source: FreeBSD aio_waitcomplete(2).
 *
 * @example
 * ```ts
 * import { aio_waitcomplete, AioError } from "@posix/aio/sys";
 *
 * try {
 *   const { iocb, bytes } = aio_waitcomplete({ tv_sec: 0, tv_nsec: 0 });
 *   console.log(iocb.aio_offset, bytes);
 * } catch (error) {
 *   if (!(error instanceof AioError)) throw error;
 *   console.log(error.code); // EAGAIN if nothing has ended, ENOSYS on Linux
 * }
 * ```
 *
 * @param timeout How long to wait at most; `null` for as long as it takes.
 * @returns The request and the number of its bytes.
 * @throws {AioError} ENOSYS where there is no such function; EBUSY while an `AioQueue` has requests in flight, or if it took
 * the request of another JavaScript thread; EAGAIN if the time is up; EINTR if a signal came; EINVAL for a bad time; or the
 * request's own error, with the request as `iocb` and its function as `syscall`.
 * @throws {RangeError} If a member of `timeout` is no integer.
 * @throws {TypeError} If `timeout` is of the wrong type.
 */
export function aio_waitcomplete(timeout: Timespec | null = null): { iocb: Aiocb; bytes: number } {
  requireFreebsd("aio_waitcomplete", "use aio_suspend() with the list of your requests, or AioQueue");
  const queued = requestsOfQueues();
  if (queued > 0) {
    throw new AioError(
      "aio_waitcomplete",
      "EBUSY",
      `it could take the completions of ${queued} requests of an AioQueue`,
    );
  }
  checkTime(timeout, "aio_waitcomplete");
  const end = timeout === null ? Infinity : performance.now() + timeout.tv_sec * 1e3 + timeout.tv_nsec / 1e6;
  let left = timeout;
  for (;;) {
    const { control, result, errno } = takeOne(left);
    const iocb = control.owner.deref() as Aiocb | undefined;
    if (iocb !== undefined && !control.disposed) {
      if (result === -1) throw new AioError(control.syscall, errno, describe(control), { iocb });
      return { iocb, bytes: result };
    }
    reclaim(); // nobody wants this one
    left = timeout === null ? null : timeLeft(end - performance.now());
  }
}

function takeOne(timeout: Timespec | null): { control: Control; result: number; errno: number } {
  const block = addressArgument();
  const result = libc().call.aio_waitcomplete(block.pointer, timeArgument(timeout));
  const errno = result === -1 ? libc().errno() : 0;
  const address = block.read();
  if (address === 0) throw new AioError("aio_waitcomplete", errno, "no request was taken");
  const control = controlAt(address);
  if (control === undefined) {
    throw new AioError(
      "aio_waitcomplete",
      "EBUSY",
      "it took the completion of a request that this thread has not submitted",
    );
  }
  end(control, "idle");
  return { control, result, errno };
}

function timeLeft(milliseconds: number): Timespec {
  const left = Math.max(0, milliseconds);
  return { tv_sec: Math.floor(left / 1e3), tv_nsec: Math.floor(left % 1e3 * 1e6) };
}
