/**
 * The C interface, name for name: POSIX asynchronous I/O as in aio(7), for those who know it from C.
 *
 * Where C returns -1 these functions throw an {@linkcode AioError}; otherwise they return what C returns. What would crash
 * or hang the process in libc is refused or answered here. Most programs want `AioQueue` from `@posix/aio` instead.
 *
 * **Memory.** libc reads and writes a buffer from its own threads until `aio_error()` no longer says `EINPROGRESS`. The
 * functions keep the array alive until then, but they cannot hold its bytes after a `transfer()`, a `postMessage()` that
 * takes it along, or the end of the worker that made it: then libc writes into memory that is no longer yours, as in C after
 * `free()`. Memory from {@linkcode allocate} has none of these dangers. A `SharedArrayBuffer` cannot be taken away, but its
 * bytes change while others read them; a resizable buffer must not shrink.
 *
 * **Descriptors.** Close a descriptor only when its requests have ended: in glibc a queued request would go to whatever file
 * gets the same number.
 *
 * **Pipes and terminals.** glibc and musl block a thread with a read of a silent one, which glibc cannot cancel. FreeBSD refuses
 * requests on them, unless sysctl `vfs.aio.enable_unsafe` is 1. With that, a thread of its kernel sits in the read, `aio_cancel`
 * says `AIO_NOTCANCELED`, and the process cannot end before the read does: not by `process.exit`, nor by `SIGKILL`. Ask
 * `kevent()` for `EVFILT_READ` or `EVFILT_WRITE` first, and write no more than it says there is room for; `AioQueue` does.
 *
 * **Results.** On FreeBSD and macOS ask `aio_return()` about every request, once: until then it counts against the limit of
 * the process and holds its file open. A request whose block is disposed, or submitted anew, is asked about by this package.
 *
 * @example
 * ```ts
 * import { aio_error, aio_read, aio_return, aio_suspend, Aiocb, allocate, EINPROGRESS } from "@posix/aio/sys";
 * import { closeSync, openSync } from "node:fs";
 *
 * const fd = openSync("deno.json", "r");
 * using buffer = allocate(4096);
 * using cb = new Aiocb({ aio_fildes: fd, aio_buf: buffer, aio_nbytes: 4096 });
 * aio_read(cb);
 * while (aio_error(cb) === EINPROGRESS) aio_suspend([cb], null);
 * console.log(aio_return(cb), "bytes");
 * closeSync(fd);
 * ```
 *
 * @module
 */

export { AioError } from "./ffi/errno.ts";
export type { AioErrorOptions } from "./ffi/errno.ts";
export { Aiocb } from "./sys/aiocb.ts";
export type { AiocbMembers } from "./sys/aiocb.ts";
export { allocate } from "./sys/allocate.ts";
export type { NativeBytes } from "./sys/allocate.ts";
export type { NotifyFunction, Sigevent, SigeventMembers } from "./sys/sigevent.ts";
export type { Timespec } from "./sys/suspend.ts";
export { aio_fsync, aio_read, aio_write } from "./sys/single.ts";
export { lio_listio } from "./sys/list.ts";
export { aio_cancel, aio_error, aio_return } from "./sys/status.ts";
export { aio_suspend } from "./sys/suspend.ts";
export { aio_init } from "./sys/init.ts";
export type { Aioinit } from "./sys/init.ts";
export { aio_mlock, aio_read2, aio_readv, aio_write2, aio_writev } from "./sys/freebsd.ts";
export { aio_waitcomplete } from "./sys/waitcomplete.ts";
export { kevent, kqueue, kqueue_close } from "./sys/kqueue.ts";
export type { Kevent, KeventChange } from "./sys/kqueue.ts";
export * from "./sys/constants.ts";
export * from "./sys/error_numbers.ts";
