/**
 * What to do about errors whose words alone do not say it.
 *
 * @module
 */

/** By the name of the error. */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: "ls -ld of the file and its folders shows who may",
  EDQUOT: "quota shows what is left to you",
  EFBIG: "ulimit -f and the file system limit the size of a file",
  EIO: "the kernel's log, dmesg, says more",
  ELOOP: "symbolic links lead to each other there",
  EMFILE: "ulimit -n is the limit; a smaller --concurrency needs fewer",
  ENFILE: "the whole system has no more, see sysctl fs.file-max",
  ENAMETOOLONG: "file systems take names of 255 bytes, most of them",
  ENOSPC: "df -h and df -i show what is left there",
  EPERM: "its owner or root may; lsattr shows whether it is immutable",
  EROFS: "findmnt -T shows how it is mounted",
  ESTALE: "the server has forgotten the file, open its folder anew",
};

/**
 * An error in words.
 *
 * @param error What was thrown.
 * @returns Its message, and what to do about it where there is something to say.
 */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (syscall === "io_uring_setup") return error.message; // it is about no file, and says what would mend it
  const hint = typeof code === "string" && Object.hasOwn(HINTS, code) ? HINTS[code] : undefined;
  return hint === undefined ? error.message : `${error.message}; ${hint}`;
}
