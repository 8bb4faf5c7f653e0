/**
 * Why a kernel gives no io_uring, and what would mend that.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../../ffi/errno.ts";
import { platform } from "../../structs/platform.ts";

/** The oldest kernel whose io_uring reads pipes without a thread for each, and loses no completion. */
const OLDEST = "5.7";

/**
 * The error for a ring that could not be had.
 *
 * @param errno What `io_uring_setup` said; 0 for a kernel that is too old.
 * @returns What to throw.
 */
export function refusal(errno: number): AioError {
  const { ENOSYS, EPERM, ENOMEM } = platform().errno;
  const setup = "io_uring_setup";
  if (errno === 0) return new AioError(setup, "ENOSYS", `the kernel is older than ${OLDEST}: use engine "posix"`);
  if (errno === ENOSYS) {
    return new AioError(
      setup,
      errno,
      `this kernel (or sandbox) has no io_uring, Linux ${OLDEST} has: use engine "posix"`,
    );
  }
  if (errno === EPERM) return new AioError(setup, errno, `${whyDenied()}; or use engine "posix"`);
  if (errno === ENOMEM) {
    return new AioError(setup, errno, "no memory may be locked for it: raise RLIMIT_MEMLOCK (ulimit -l)");
  }
  return new AioError(setup, errno, 'set up a ring: use engine "posix"');
}

function whyDenied(): string {
  let setting = "";
  try {
    setting = fs.readFileSync("/proc/sys/kernel/io_uring_disabled", "utf8").trim();
  } catch {
    // older kernels have no such setting, and a runtime may not be allowed to read it
  }
  return setting === "1" || setting === "2"
    ? `sysctl kernel.io_uring_disabled is ${setting}: set it to 0`
    : "a seccomp filter forbids it, as containers' default profiles do: allow io_uring_setup and io_uring_enter there";
}
