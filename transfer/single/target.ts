/**
 * A copy's target: which file is meant, whether it is replaced or written in place, and how it gets its content and its
 * name at once.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { close, fchmod, fchown, fstat, fsync, ftruncate, futimes, open, openFifo } from "./open.ts";
import type { CopySettings } from "../options.ts";
import type { Paths } from "./paths.ts";
import type { Source } from "./source.ts";
import { makeTemporary, removeLeftOvers } from "./temporary.ts";

/** An opened target. */
export interface Target {
  /** Where the content ends up: symbolic links followed, directories entered. */
  readonly path: string;
  /** What is written to. */
  readonly fd: number;
  /** The temporary file that is written and then renamed; `null` for a target that is written in place. */
  readonly temporary: string | null;
  /** Writes must follow one another in order: pipes, character devices, sockets. */
  readonly stream: boolean;
  /** It is written past the page cache. */
  readonly direct: boolean;
  /** The number of its file system's device. */
  readonly device: bigint;
  /** What is there before the copy. */
  readonly existing: fs.BigIntStats | null;
}

/**
 * Finds out what is meant by the target and opens what is written to.
 *
 * @param paths The names of the copy's two ends.
 * @param source The opened source.
 * @param settings The copy's options.
 * @returns The target.
 * @throws {AioError} What the system refused; EINVAL if source and target are the same file.
 */
export async function openTarget(paths: Paths, source: Source, settings: CopySettings): Promise<Target> {
  const { found, existing } = await paths.step("look at the target", () => resolve(paths));
  if (existing !== null) {
    if (existing.dev === source.stat.dev && existing.ino === source.stat.ino) {
      throw paths.failure("copy", "EINVAL", "source and target are the same file");
    }
    if (!settings.overwrite) throw paths.failure("copy", "EEXIST", "the target exists and is not to be replaced");
  }
  return await paths.step("open the target", async () => {
    if (existing !== null && !existing.isFile()) return await openInPlace(found, existing, settings.signal);
    return await openBeside(found, existing, source, settings);
  });
}

/** The path that is meant, with links followed and a directory entered, and what is there. */
async function resolve(paths: Paths): Promise<{ found: string; existing: fs.BigIntStats | null }> {
  let found = paths.target;
  let existing = await statOrNull(found);
  if (existing?.isDirectory()) {
    found = path.join(found, path.basename(paths.source));
    existing = await statOrNull(found);
    if (existing?.isDirectory()) throw paths.failure("open", "EISDIR", `open the target "${found}"`);
  } else if (/\/\.{0,2}$/.test(found)) {
    throw paths.failure("open", existing === null ? "ENOENT" : "ENOTDIR", "enter the target directory");
  }
  if (existing?.isFile()) found = await fs.promises.realpath(found);
  return { found, existing };
}

async function statOrNull(name: string): Promise<fs.BigIntStats | null> {
  try {
    return await fs.promises.stat(name, { bigint: true });
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    // a symbolic link that leads nowhere would be replaced, not followed
    if (await fs.promises.lstat(name).then((link) => link.isSymbolicLink(), () => false)) throw error;
    return null;
  }
}

async function openInPlace(name: string, existing: fs.BigIntStats, signal: AbortSignal | undefined): Promise<Target> {
  const flags = fs.constants.O_WRONLY | fs.constants.O_NOCTTY;
  const fd = existing.isFIFO() ? await openFifo(name, flags, signal) : await open(name, flags);
  const stream = !existing.isBlockDevice();
  return { path: name, fd, temporary: null, stream, direct: false, device: existing.dev, existing };
}

async function openBeside(
  name: string,
  existing: fs.BigIntStats | null,
  source: Source,
  settings: CopySettings,
): Promise<Target> {
  // what could not be written is not replaced either: no permission, a program that runs
  if (existing !== null) await close(await open(name, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK));
  await removeLeftOvers(name);
  const mode = existing === null ? Number(source.stat.mode & 0o777n) : 0o600;
  const { path: temporary, fd, direct } = await makeTemporary(name, mode, settings.direct);
  const device = existing?.dev ?? (await fstat(fd)).dev;
  return { path: name, fd, temporary, stream: false, direct, device, existing };
}

/**
 * Gives the finished content its name, and closes it.
 *
 * @param target The target.
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @param settings The copy's options.
 * @param syncData Makes the data durable.
 */
export async function commit(
  target: Target,
  source: Source,
  paths: Paths,
  settings: CopySettings,
  syncData: (fd: number) => Promise<void>,
): Promise<void> {
  const { fd, temporary, path: name } = target;
  if (temporary === null) {
    if (settings.sync && !target.stream) await paths.step("sync the target", () => syncData(fd));
    return await paths.step("close the target", () => close(fd));
  }
  try {
    await finish(target, temporary, source, paths, settings, syncData);
    await paths.step("rename the finished copy", () => giveName(temporary, name, settings.overwrite));
  } catch (error) {
    await discard(target);
    throw error;
  }
  await paths.step("close the target", () => close(fd));
  if (settings.sync) await paths.step("sync the target's directory", () => syncDirectory(path.dirname(name)));
}

async function finish(
  { fd, existing }: Target,
  temporary: string,
  { stat }: Source,
  paths: Paths,
  settings: CopySettings,
  syncData: (fd: number) => Promise<void>,
): Promise<void> {
  if (existing !== null) {
    await paths.step("set the owner and mode of the copy", () => keepOwner(fd, temporary, existing));
  }
  if (settings.preserveTimestamps) {
    const seconds = (nanoseconds: bigint) => Number(nanoseconds / 1000n) / 1e6;
    const times = [seconds(stat.atimeNs), seconds(stat.mtimeNs)] as const;
    await paths.step(
      "set the times of the copy",
      () => orByName(() => futimes(fd, ...times), () => fs.promises.utimes(temporary, ...times)),
    );
  }
  if (settings.sync) await paths.step("sync the copy", () => syncData(fd));
  // network file systems tell at a close that data did not arrive; another descriptor keeps the lock
  const { call, errno } = libc();
  const second = call.fcntl(fd, platform().constants.F_DUPFD_CLOEXEC, 3);
  if (second >= 0 && call.close(second) !== 0) throw paths.failure("close", errno(), "close the copy");
}

/** As with cp, a target that exists keeps its mode, and its owner where that is allowed. */
async function keepOwner(fd: number, name: string, existing: fs.BigIntStats): Promise<void> {
  const { uid, gid } = await fstat(fd);
  if (uid !== existing.uid || gid !== existing.gid) {
    const owner = [Number(existing.uid), Number(existing.gid)] as const;
    await orByName(() => fchown(fd, ...owner), () => fs.promises.chown(name, ...owner)).catch(() => {});
  }
  const mode = Number(existing.mode & 0o7777n);
  await orByName(() => fchmod(fd, mode), () => fs.promises.chmod(name, mode));
}

/** Node's permission model knows no calls that change a file by its descriptor; with its name they are the same. */
async function orByName(byDescriptor: () => Promise<void>, byName: () => Promise<void>): Promise<void> {
  try {
    await byDescriptor();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_ACCESS_DENIED") throw error;
    await byName();
  }
}

async function giveName(temporary: string, name: string, overwrite: boolean): Promise<void> {
  if (overwrite) return await fs.promises.rename(temporary, name);
  // unlike a rename, a link never takes the place of a file that has come up meanwhile
  await fs.promises.link(temporary, name);
  await fs.promises.unlink(temporary);
}

async function syncDirectory(name: string): Promise<void> {
  const fd = await open(name, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    await fsync(fd);
  } finally {
    await close(fd);
  }
}

/**
 * Leaves the target as it was: what was written is removed. What was written in place cannot be taken back.
 *
 * @param target The target.
 */
export async function discard(target: Target): Promise<void> {
  await close(target.fd).catch(() => {});
  if (target.temporary !== null) await fs.promises.unlink(target.temporary).catch(() => {});
}

/**
 * Sets the size of a copy, so that a hole at the end becomes part of it.
 *
 * @param target A target that is not written in place.
 * @param bytes The size.
 */
export async function setSize(target: Target, bytes: number): Promise<void> {
  await ftruncate(target.fd, bytes);
}
