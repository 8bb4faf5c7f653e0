/**
 * A copy's source: what it is, how long it is, and how it has to be read.
 *
 * @module
 */

import fs from "node:fs";
import type { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { setWaiting, untilWriter } from "../../file/fifo.ts";
import { fileSystemOf } from "./file_system.ts";
import type { FileSystem } from "./file_system.ts";
import { open } from "./open.ts";
import type { Paths } from "./paths.ts";
import { isStandardInput, openAgain, positionOf, STANDARD_INPUT } from "./standard.ts";
import { hasTime, isKnownLocal, rememberLocal } from "./places.ts";

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = fs.constants;
const SEEK_END = 2;

/** A file below this size is read at once. */
const READ_AHEAD_MIN = 1 << 17;

/** `<fcntl.h>`, the same number on Linux and FreeBSD: read further ahead. */
const POSIX_FADV_SEQUENTIAL = 2;

/** An opened source. */
export interface Source {
  /** Its descriptor. */
  readonly fd: number;
  /** What it was when it was opened. */
  readonly stat: fs.BigIntStats;
  /** Where its first byte is that is copied: of standard input a part may have been read before. */
  readonly base: number;
  /** It is standard input's own descriptor, which stays open. */
  readonly given: boolean;
  /** Its size, or `null` where only reading tells: pipes, character devices, files of procfs. */
  readonly size: number | null;
  /** A pipe, a character device or a socket: a read can wait for ever, and the position is the kernel's. */
  readonly stream: boolean;
  /** It holds fewer blocks than its size needs. */
  readonly sparse: boolean;
  /** It is read past the page cache. */
  readonly direct: boolean;
  /** Where it lies. */
  readonly fileSystem: FileSystem;
}

/**
 * Opens a source.
 *
 * @param paths The names of the copy's two ends.
 * @param direct Read past the page cache, where the file system can.
 * @param signal Ends the wait for the other end of a FIFO.
 * @param onStream Told that it is a pipe, device or socket, before the wait for its other end.
 * @returns The source.
 * @throws {AioError} What the system refused; EISDIR for a directory.
 */
export async function openSource(
  paths: Paths,
  direct: boolean,
  signal: AbortSignal | undefined,
  onStream: () => void,
): Promise<Source> {
  return await paths.step("open the source", async () => {
    const open = () => openNow(paths.source, O_RDONLY | O_NOCTTY);
    let first;
    if (isStandardInput(paths.source)) {
      const base = positionOf(STANDARD_INPUT);
      first = base > 0 ? undefined : await openAgain(open);
      if (first === undefined) {
        const found = look(STANDARD_INPUT);
        if (found.stream) onStream();
        return { fd: STANDARD_INPUT, direct: false, ...found, base, given: true, size: null, sparse: false };
      }
    } else {
      first = await open();
    }
    try {
      const found = look(first);
      if (found.stat.isDirectory()) {
        throw paths.failure("open", "EISDIR", "open the source, which is a directory: copyTree() (-r) copies those");
      }
      if (found.stream) onStream();
      if (found.stat.isFIFO()) await untilWriter(first, signal);
      setWaiting(first);
      const second = direct && !found.stream ? await openDirect(paths.source, O_RDONLY) : undefined;
      if (second === undefined) return { fd: first, direct: false, ...found };
      fs.closeSync(first);
      return { fd: second, direct: true, ...look(second) };
    } catch (error) {
      fs.closeSync(first);
      throw error;
    }
  }).then((source) => {
    if (source.fileSystem.local) rememberLocal(paths.source);
    if (source.size !== null && source.size > READ_AHEAD_MIN && libc().has("posix_fadvise")) {
      libc().call.posix_fadvise(source.fd, 0, 0, POSIX_FADV_SEQUENTIAL); // no more than a hint
    }
    return source;
  });
}

/** Opens without waiting: for the other end of a FIFO, nor for a device. */
async function openNow(path: string, flags: number): Promise<number> {
  try {
    if (isKnownLocal(path) && hasTime()) return fs.openSync(path, flags | O_NONBLOCK);
    return await open(path, flags | O_NONBLOCK);
  } catch (error) {
    if ((error as { code?: string }).code !== "EAGAIN") throw error;
    return await open(path, flags); // somebody has a lease on it, and is asked to give it up: fcntl(2)
  }
}

type Looked = Omit<Source, "fd" | "direct">;

function look(fd: number): Looked {
  const stat = fs.fstatSync(fd, { bigint: true });
  const stream = !stat.isFile() && !stat.isBlockDevice();
  const size = stat.isBlockDevice() ? libc().call.lseek(fd, 0, SEEK_END) : Number(stat.size);
  // a file without a size can still have content: procfs, sysfs, some FUSE file systems
  const sparse = stat.isFile() && stat.blocks * 512n < size;
  const known = stream || size <= 0 ? null : size;
  return { ...{ stat, stream, size: known, sparse, fileSystem: fileSystemOf(fd, stat.dev) }, base: 0, given: false };
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
export function checkSize(source: Source, paths: Paths): void {
  if (source.size === null || !source.stat.isFile()) return;
  const { size } = fs.fstatSync(source.fd, { bigint: true });
  if (size < source.stat.size) throw shrunk(source, paths, Number(size));
}

/**
 * Looks whether a source was changed since it was opened: the copy may hold a part of each content then.
 *
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @throws {AioError} EBUSY if it was.
 */
export function checkSteady(source: Source, paths: Paths): void {
  if (!source.stat.isFile()) return;
  const { size, mtimeNs } = fs.fstatSync(source.fd, { bigint: true });
  if (size === source.stat.size && mtimeNs === source.stat.mtimeNs) return;
  throw paths.failure("copy", "EBUSY", "the source was changed while it was copied: copy it again");
}

/**
 * What it means that a read found the end before the size that the source had when it was opened.
 *
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @param offset Where the end was found.
 * @throws {AioError} EIO if the source has shrunk, or keeps back what it says it has. Files that only pretend a size, as
 * those of sysfs do, just end.
 */
export function checkEnd(source: Source, paths: Paths, offset: number): void {
  const { size, blocks } = fs.fstatSync(source.fd, { bigint: true });
  if (size < source.stat.size) throw shrunk(source, paths, offset);
  if (source.stat.isFile() && size === source.stat.size && blocks === 0n) return; // it only pretended its size
  throw paths.failure("copy", "EIO", `the source gave no more at ${offset}, though it says that it has ${size} bytes`);
}

function shrunk({ size }: Source, paths: Paths, end: number): AioError {
  return paths.failure("copy", "EIO", `the source ended at ${end} where it had ${size} bytes before: it has shrunk`);
}
