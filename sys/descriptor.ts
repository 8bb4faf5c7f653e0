/**
 * What a descriptor is, for where libc refuses some kinds of files, or refuses everything with one and the same number.
 *
 * @module
 */

import { fstatSync } from "node:fs";
import { AioError } from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import { platform } from "../structs/platform.ts";
import type { StructView } from "../structs/view.ts";

const SEEK_CUR = 1;

/** The most bytes of a request on macOS [xnu kern_aio.c:aio_create_queue_entry]. */
const INT_MAX = 0x7fffffff;

/** A request as far as libc checks it when it is submitted. */
export interface CheckedRequest {
  readonly fd: number;
  readonly does: "read" | "write" | "sync";
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Checks what libc would refuse without saying why.
 *
 * @param syscall The C function.
 * @param request What it is to do.
 * @throws {AioError} EBADF, EINVAL or EOPNOTSUPP.
 */
export function checkRequest(syscall: string, { fd, does, offset, bytes }: CheckedRequest): void {
  const { constants } = platform();
  const { call, errno } = libc();
  const flags = call.fcntl(fd, constants.F_GETFL, 0);
  if (flags === -1) throw new AioError(syscall, errno(), `descriptor ${fd}`);
  const mode = flags & (constants.O_WRONLY | constants.O_RDWR);
  if (mode === (does === "read" ? constants.O_WRONLY : constants.O_RDONLY)) {
    throw new AioError(syscall, "EBADF", `descriptor ${fd} was not opened for this`);
  }
  if (call.lseek(fd, 0, SEEK_CUR) === -1) {
    throw new AioError(syscall, "EOPNOTSUPP", `descriptor ${fd} is ${kindOf(fd)}`);
  }
  if (does === "sync") return;
  if (offset < 0) throw new AioError(syscall, "EINVAL", `aio_offset is ${offset}`);
  if (bytes > INT_MAX) throw new AioError(syscall, "EINVAL", `aio_nbytes is ${bytes}`);
}

/**
 * Checks a control block before libc gets it, where libc would refuse it without saying why.
 *
 * @param syscall The C function.
 * @param members The control block's members.
 * @throws {AioError} EBADF, EINVAL or EOPNOTSUPP.
 */
export function checkDescriptor(syscall: string, members: StructView): void {
  const { LIO_READ } = platform().constants;
  const reads = syscall === "aio_read" || (syscall === "lio_listio" && members.aio_lio_opcode === LIO_READ);
  const does = syscall === "aio_fsync" ? "sync" : reads ? "read" : "write";
  const { aio_fildes: fd, aio_offset: offset, aio_nbytes: bytes } = members;
  checkRequest(syscall, { fd, does, offset, bytes });
}

/**
 * Says more about why libc refused a request.
 *
 * @param errno The error number.
 * @param fd The request's descriptor.
 * @returns A continuation of the error's message; empty if there is no more to say.
 */
export function refusalHint(errno: number, fd: number): string {
  const { behaviour, errno: numbers, name } = platform();
  if (errno === numbers.EOPNOTSUPP && behaviour.filesOnly) {
    return `, which is ${kindOf(fd)}: ${name} takes only local files, directories, disks and sockets, unless sysctl ` +
      "vfs.aio.enable_unsafe is 1; with it, beware: a process that hands over a read of a silent pipe by the C interface " +
      "cannot end before the read does, not even by SIGKILL (a queue waits until there is something to read)";
  }
  if (errno === numbers.EAGAIN && behaviour.mustReap) {
    return `; a request counts until aio_return() took its result: ${name} holds ${behaviour.requestsMax} of a process ` +
      "unless it is set up otherwise";
  }
  return "";
}

function kindOf(fd: number): string {
  try {
    const file = fstatSync(fd);
    if (file.isFIFO()) return "a pipe or FIFO";
    if (file.isCharacterDevice()) return "a character device or terminal";
    if (file.isBlockDevice()) return "a block device";
    if (file.isSocket()) return "a socket";
    if (file.isFile()) return "a file on a file system that is not local";
    if (file.isDirectory()) return "a directory on a file system that is not local";
  } catch {
    // Deno's node:fs knows only what it has opened itself
    if (libc().call.lseek(fd, 0, SEEK_CUR) === -1) return "a pipe, terminal or the like";
  }
  return "neither a file nor a socket";
}
