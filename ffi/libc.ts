/**
 * The C library: which functions are called, with the C prototype beside each, and the one place that opens it.
 *
 * The library is opened when a function is first called, never on import, and each function is bound when it is first
 * used, so that a release without one of them is only told about it where it is needed.
 *
 * @module
 */

import { platform, recognize } from "../structs/platform.ts";
import { door } from "./door.ts";
import type { NativeFunction, NativeLibrary, Signature } from "./native.ts";

/** Every C function that the package calls. */
export const SYMBOLS = {
  // <aio.h>
  aio_read: { result: "i32", parameters: ["pointer"] }, // int aio_read(struct aiocb *aiocbp);
  aio_write: { result: "i32", parameters: ["pointer"] }, // int aio_write(struct aiocb *aiocbp);
  aio_fsync: { result: "i32", parameters: ["i32", "pointer"] }, // int aio_fsync(int op, struct aiocb *aiocbp);
  aio_error: { result: "i32", parameters: ["pointer"] }, // int aio_error(const struct aiocb *aiocbp);
  aio_return: { result: "i64", parameters: ["pointer"] }, // ssize_t aio_return(struct aiocb *aiocbp);
  aio_suspend: { result: "i32", parameters: ["pointer", "i32", "pointer"] }, // int aio_suspend(const struct aiocb *const list[], int nent, const struct timespec *timeout);
  aio_cancel: { result: "i32", parameters: ["i32", "pointer"] }, // int aio_cancel(int fd, struct aiocb *aiocbp);
  lio_listio: { result: "i32", parameters: ["i32", "pointer", "i32", "pointer"] }, // int lio_listio(int mode, struct aiocb *const list[], int nent, struct sigevent *sig);
  aio_init: { result: "void", parameters: ["pointer"] }, // void aio_init(const struct aioinit *init);
  // <sys/aio.h> and <sys/event.h> of FreeBSD
  aio_readv: { result: "i32", parameters: ["pointer"] }, // int aio_readv(struct aiocb *iocb);
  aio_writev: { result: "i32", parameters: ["pointer"] }, // int aio_writev(struct aiocb *iocb);
  aio_read2: { result: "i32", parameters: ["pointer", "i32"] }, // int aio_read2(struct aiocb *iocb, int flags);
  aio_write2: { result: "i32", parameters: ["pointer", "i32"] }, // int aio_write2(struct aiocb *iocb, int flags);
  aio_waitcomplete: { result: "i64", parameters: ["pointer", "pointer"] }, // ssize_t aio_waitcomplete(struct aiocb **iocbp, struct timespec *timeout);
  aio_mlock: { result: "i32", parameters: ["pointer"] }, // int aio_mlock(struct aiocb *iocb);
  kqueue: { result: "i32", parameters: [] }, // int kqueue(void);
  kevent: { result: "i32", parameters: ["i32", "pointer", "i32", "pointer", "i32", "pointer"] }, // int kevent(int kq, const struct kevent *changelist, int nchanges, struct kevent *eventlist, int nevents, const struct timespec *timeout);
  // memory and files
  mmap: { result: "pointer", parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"] }, // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
  lseek: { result: "i64", parameters: ["i32", "i64", "i32"] }, // off_t lseek(int fd, off_t offset, int whence);
  fcntl: { result: "i32", parameters: ["i32", "i32", "i32"] }, // int fcntl(int fd, int cmd, int arg);
  flock: { result: "i32", parameters: ["i32", "i32"] }, // int flock(int fd, int operation);
  close: { result: "i32", parameters: ["i32"] }, // int close(int fd);
  statx: { result: "i32", parameters: ["i32", "pointer", "i32", "i32", "pointer"] }, // int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf);
  posix_fadvise: { result: "i32", parameters: ["i32", "i64", "i64", "i32"] }, // int posix_fadvise(int fd, off_t offset, off_t len, int advice);
  getdents64: { result: "i64", parameters: ["i32", "pointer", "usize"] }, // ssize_t getdents64(int fd, void *dirp, size_t count);
  fallocate: { result: "i32", parameters: ["i32", "i32", "i64", "i64"] }, // int fallocate(int fd, int mode, off_t offset, off_t len);
  fstatfs: { result: "i32", parameters: ["i32", "pointer"] }, // int fstatfs(int fd, struct statfs *buf);
  copy_file_range: { result: "i64", parameters: ["i32", "pointer", "i32", "pointer", "usize", "i32"] }, // ssize_t copy_file_range(int fd_in, off_t *off_in, int fd_out, off_t *off_out, size_t len, unsigned int flags);
  sync_file_range: { result: "i32", parameters: ["i32", "i64", "i64", "i32"] }, // int sync_file_range(int fd, off_t offset, off_t nbytes, unsigned int flags);
  sendfile: { result: "i64", parameters: ["i32", "i32", "pointer", "usize"] }, // ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count);
  ioctl: { result: "i32", parameters: ["i32", "usize", "usize"] }, // int ioctl(int fd, unsigned long request, ...);
  read: { result: "i64", parameters: ["i32", "pointer", "usize"] }, // ssize_t read(int fd, void *buf, size_t count);
  kill: { result: "i32", parameters: ["i32", "i32"] }, // int kill(pid_t pid, int sig);
  preadv2: { result: "i64", parameters: ["i32", "pointer", "i32", "i64", "i32"] }, // ssize_t preadv2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags);
  poll: { result: "i32", parameters: ["pointer", "usize", "i32"] }, // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
  // who may use a file, and when it was changed
  futimens: { result: "i32", parameters: ["i32", "pointer"] }, // int futimens(int fd, const struct timespec times[2]);
  utimensat: { result: "i32", parameters: ["i32", "pointer", "pointer", "i32"] }, // int utimensat(int dirfd, const char *pathname, const struct timespec times[2], int flags);
  fgetxattr: { result: "i64", parameters: ["i32", "pointer", "pointer", "usize"] }, // ssize_t fgetxattr(int fd, const char *name, void *value, size_t size);
  fsetxattr: { result: "i32", parameters: ["i32", "pointer", "pointer", "usize", "i32"] }, // int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
  llistxattr: { result: "i64", parameters: ["pointer", "pointer", "usize"] }, // ssize_t llistxattr(const char *path, char *list, size_t size);
  flistxattr: { result: "i64", parameters: ["i32", "pointer", "usize"] }, // ssize_t flistxattr(int fd, char *list, size_t size);
  fremovexattr: { result: "i32", parameters: ["i32", "pointer"] }, // int fremovexattr(int fd, const char *name);
  renameat2: { result: "i32", parameters: ["i32", "pointer", "i32", "pointer", "i32"] }, // int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);
  mknodat: { result: "i32", parameters: ["i32", "pointer", "i32", "usize"] }, // int mknodat(int dirfd, const char *pathname, mode_t mode, dev_t dev);
  syncfs: { result: "i32", parameters: ["i32"] }, // int syncfs(int fd);
  getentropy: { result: "i32", parameters: ["pointer", "usize"] }, // int getentropy(void *buffer, size_t length);
  geteuid: { result: "i32", parameters: [] }, // uid_t geteuid(void);
  // the wake channel
  timerfd_create: { result: "i32", parameters: ["i32", "i32"] }, // int timerfd_create(int clockid, int flags);
  timerfd_settime: { result: "i32", parameters: ["i32", "i32", "pointer", "pointer"] }, // int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);
  pipe: { result: "i32", parameters: ["pointer"] }, // int pipe(int pipefd[2]);
  socketpair: { result: "i32", parameters: ["i32", "i32", "i32", "pointer"] }, // int socketpair(int domain, int type, int protocol, int sv[2]);
  write: { result: "i64", parameters: ["i32", "pointer", "usize"] }, // ssize_t write(int fd, const void *buf, size_t count);
  // io_uring, which libc has no functions for
  syscall: { result: "i32", parameters: ["i32", "i32", "usize", "pointer", "i32", "pointer", "usize"] }, // long syscall(long number, ...);
  eventfd: { result: "i32", parameters: ["i32", "i32"] }, // int eventfd(unsigned int initval, int flags);
  // what happens when a thread ends
  dlsym: { result: "pointer", parameters: ["pointer", "pointer"] }, // void *dlsym(void *handle, const char *symbol);
  __cxa_thread_atexit_impl: { result: "i32", parameters: ["pointer", "pointer", "pointer"] }, // int __cxa_thread_atexit_impl(void (*func)(void *), void *obj, void *dso_symbol);
  // what is running
  sched_yield: { result: "i32", parameters: [] }, // int sched_yield(void);
  sysconf: { result: "i64", parameters: ["i32"] }, // long sysconf(int name);
  sysctlbyname: { result: "i32", parameters: ["pointer", "pointer", "pointer", "pointer", "usize"] }, // int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, const void *newp, size_t newlen);
  gethostname: { result: "i32", parameters: ["pointer", "usize"] }, // int gethostname(char *name, size_t len);
  gnu_get_libc_version: { result: "pointer", parameters: [] }, // const char *gnu_get_libc_version(void);
  __errno_location: { result: "pointer", parameters: [] }, // int *__errno_location(void);
  __error: { result: "pointer", parameters: [] }, // int *__error(void); FreeBSD and macOS
} as const;

/** The name of a C function in {@linkcode SYMBOLS}. */
export type SymbolName = keyof typeof SYMBOLS;

/** The bound functions by name; one that the library lacks throws when it is called. */
export type Functions = { readonly [Name in SymbolName]: NativeFunction<typeof SYMBOLS[Name]> };

/** The opened C library. */
export interface Libc {
  /** The name under which it was found. */
  readonly library: string;
  /** The name of the library that holds the AIO functions: `librt.so.1` before glibc 2.34, else the same. */
  readonly aioLibrary: string;
  /** The functions, bound on first use. */
  readonly call: Functions;
  /** Whether the library has a function. */
  has(name: SymbolName): boolean;
  /** The calling thread's `errno`, to be read directly after the call that failed. */
  errno(): number;
}

/** Whatever a function's prototype is, this one tells whether it is there. */
const PROBE: Signature = { result: "void", parameters: [] };

let opened: Libc | undefined;

/**
 * Opens the C library of this process.
 *
 * @example
 * ```ts
 * import { libc } from "./libc.ts";
 *
 * console.log(libc().library, libc().has("aio_init"));
 * ```
 *
 * @returns The library.
 * @throws {Error} If it cannot be opened; the message names what was tried and what mends it.
 */
export function libc(): Libc {
  return opened ??= openLibc();
}

function openLibc(): Libc {
  const { library, name } = openFirst();
  recognize((symbol) => library.bind(symbol, SYMBOLS[symbol as SymbolName] ?? PROBE) !== undefined);
  const { legacyLibraries, errnoFunction } = platform();
  let legacy: NativeLibrary | undefined;
  let aioLibrary = name;
  if (library.bind("aio_read", SYMBOLS.aio_read) === undefined) {
    for (const candidate of legacyLibraries) {
      try {
        legacy = door().open(candidate);
        aioLibrary = candidate;
        break;
      } catch {
        // the next one, or the missing function says so when it is called
      }
    }
  }
  const find = (symbol: SymbolName) => library.bind(symbol, SYMBOLS[symbol]) ?? legacy?.bind(symbol, SYMBOLS[symbol]);
  const bound: Partial<Record<SymbolName, NativeFunction | null>> = {};
  const lookUp = (symbol: SymbolName) =>
    bound[symbol] !== undefined ? bound[symbol] : bound[symbol] = find(symbol) ?? null;

  const call = {} as Record<SymbolName, NativeFunction>;
  for (const symbol of Object.keys(SYMBOLS) as SymbolName[]) {
    Object.defineProperty(call, symbol, {
      enumerable: true,
      configurable: true,
      get() {
        const value = lookUp(symbol) ?? (() => {
          throw new Error(`Cannot call ${symbol}(): ${name} has no such function`);
        });
        Object.defineProperty(call, symbol, { enumerable: true, value });
        return value;
      },
    });
  }
  const errnoWord = viewOfErrno(call[errnoFunction as SymbolName] as () => number);
  return {
    library: name,
    aioLibrary,
    call: call as Functions,
    has: (symbol) => lookUp(symbol) !== null,
    errno: () => errnoWord[0],
  };
}

function viewOfErrno(location: () => number): Int32Array {
  try {
    return new Int32Array(door().view(location(), 4));
  } catch (cause) {
    throw openError(cause);
  }
}

function openFirst(): { library: NativeLibrary; name: string } {
  const { libraries } = platform();
  const { open } = door(); // a runtime without FFI says so itself
  const causes: unknown[] = [];
  for (const name of libraries) {
    try {
      return { library: open(name), name };
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw openError(causes.find(isDenied) ?? new AggregateError(causes, "None of the names could be opened"));
}

function openError(cause: unknown): Error {
  const tried = `Cannot open the C library: tried ${platform().libraries.join(", ")}`;
  if (isDenied(cause)) {
    return new Error(
      `${tried}; native calls are not allowed: run with --allow-ffi, for every path ` +
        "(a permission for one path opens the library but not its memory)",
      { cause },
    );
  }
  return new Error(`${tried}; ${platform().libraryHint}`, { cause });
}

/** Deno and Node say that a permission is missing with these names and codes. */
function isDenied(cause: unknown): boolean {
  const { name, code } = cause as { name?: string; code?: string };
  return name === "NotCapable" || name === "PermissionDenied" || code === "ERR_ACCESS_DENIED";
}
