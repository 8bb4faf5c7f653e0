/**
 * A copy's source: what it is, how long it is, and how it has to be read.
 *
 * @module
 */

import fs from "node:fs";
import type { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { close, fstat, open, openFifo } from "./open.ts";
import type { Paths } from "./paths.ts";

const SEEK_END = 2;

/** `<fcntl.h>`, the same number on Linux and FreeBSD: read further ahead. */
const POSIX_FADV_SEQUENTIAL = 2;

/** An opened source. */
export interface Source {
  /** Its descriptor. */
  readonly fd: number;
  /** What it was when it was opened. */
  readonly stat: fs.BigIntStats;
  /** Its size, or `null` where only reading tells: pipes, character devices, files of procfs. */
  readonly size: number | null;
  /** A pipe, a character device or a socket: a read can wait for ever, and the position is the kernel's. */
  readonly stream: boolean;
  /** It holds fewer blocks than its size needs. */
  readonly sparse: boolean;
  /** It is read past the page cache. */
  readonly direct: boolean;
}

/**
 * Opens a source.
 *
 * @param paths The names of the copy's two ends.
 * @param direct Read past the page cache, where the file system can.
 * @param signal Ends the wait for the other end of a FIFO.
 * @returns The source.
 * @throws {AioError} What the system refused; EISDIR for a directory.
 */
export async function openSource(paths: Paths, direct: boolean, signal: AbortSignal | undefined): Promise<Source> {
  const opened = await paths.step("open the source", async () => {
    const found = await fs.promises.stat(paths.source);
    if (found.isDirectory()) throw paths.failure("open", "EISDIR", "open the source");
    const flags = fs.constants.O_RDONLY | fs.constants.O_NOCTTY;
    if (found.isFIFO()) return { fd: await openFifo(paths.source, flags, signal), direct: false };
    if (direct && (found.isFile() || found.isBlockDevice())) {
      const fd = await openDirect(paths.source, flags);
      if (fd !== undefined) return { fd, direct: true };
    }
    return { fd: await open(paths.source, flags), direct: false };
  });
  try {
    const found = await paths.step("look at the source", () => look(opened.fd));
    if (!found.stream && libc().has("posix_fadvise")) {
      libc().call.posix_fadvise(opened.fd, 0, 0, POSIX_FADV_SEQUENTIAL); // no more than a hint
    }
    return { ...opened, ...found };
  } catch (error) {
    await close(opened.fd);
    throw error;
  }
}

async function look(fd: number): Promise<Pick<Source, "stat" | "size" | "stream" | "sparse">> {
  const stat = await fstat(fd);
  const stream = !stat.isFile() && !stat.isBlockDevice();
  const size = stat.isBlockDevice() ? libc().call.lseek(fd, 0, SEEK_END) : Number(stat.size);
  // a file without a size can still have content: procfs, sysfs, some FUSE file systems
  return { stat, stream, size: stream || size <= 0 ? null : size, sparse: stat.isFile() && stat.blocks * 512n < size };
}

/**
 * Opens past the page cache.
 *
 * @param path The file.
 * @param flags The other flags.
 * @param mode The mode of a file that is made.
 * @returns The descriptor, or `undefined` where the file system has no O_DIRECT.
 */
export async function openDirect(path: string, flags: number, mode?: number): Promise<number | undefined> {
  const { O_DIRECT } = platform().openFlags;
  if (O_DIRECT === undefined) return undefined; // macOS
  try {
    return await open(path, flags | O_DIRECT, mode);
  } catch (error) {
    if ((error as { code?: string }).code === "EINVAL") return undefined;
    throw error;
  }
}

/**
 * Looks whether a source has shrunk since it was opened.
 *
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @throws {AioError} EIO if it has.
 */
export async function checkSize(source: Source, paths: Paths): Promise<void> {
  if (source.size === null || !source.stat.isFile()) return;
  const { size } = await paths.step("look at the source", () => fstat(source.fd));
  if (size < source.stat.size) throw shrunk(source, paths, Number(size));
}

/**
 * What it means that a read found the end before the size that the source had when it was opened.
 *
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @param offset Where the end was found.
 * @throws {AioError} EIO if the source has shrunk. Files that only pretend a size, as those of sysfs do, just end.
 */
export async function checkEnd(source: Source, paths: Paths, offset: number): Promise<void> {
  const { size, blocks } = await paths.step("look at the source", () => fstat(source.fd));
  const pretended = source.stat.isFile() && size === source.stat.size && blocks === 0n;
  if (!pretended) throw shrunk(source, paths, offset);
}

function shrunk({ size }: Source, paths: Paths, end: number): AioError {
  return paths.failure("copy", "EIO", `the source ended at ${end} where it had ${size} bytes before: it has shrunk`);
}
