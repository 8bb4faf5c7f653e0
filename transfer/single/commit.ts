/**
 * The end of a copy: what it keeps of the old file or takes from its source, and its name, which it gets at once.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import { AioError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { orByName } from "../metadata/owner.ts";
import type { CopySettings } from "../options.ts";
import { leaveBehind } from "./left_overs.ts";
import { giveNewName } from "./names.ts";
import { close, fsync, ftruncate, open } from "./open.ts";
import type { Paths } from "./paths.ts";
import { isKnownLocal } from "./places.ts";
import type { Source } from "./source.ts";
import { removeTemporary } from "./stuck.ts";
import type { Target } from "./opened.ts";

/**
 * Gives the finished content its name, and closes it.
 *
 * @param target The target.
 * @param source The source.
 * @param paths The names of the copy's two ends.
 * @param settings The copy's options.
 * @param syncData Makes the data durable.
 * @returns What could not be kept, in words.
 */
export async function commit(
  target: Target,
  source: Source,
  paths: Paths,
  settings: CopySettings,
  syncData: (fd: number) => Promise<void>,
): Promise<string[]> {
  const { fd, temporary, path: name } = target;
  if (temporary === null) return await commitInPlace(target, source, paths, settings, syncData);
  try {
    const mode = target.journal?.mode ?? 0o600;
    if ((mode & 0o600) !== 0o600) orByName(() => fs.fchmodSync(fd, mode), () => fs.chmodSync(temporary, mode));
    const lost = await dress(target, temporary, source, paths, settings);
    if (settings.sync) await paths.step("sync the copy", () => syncData(fd));
    if (!target.local) await paths.step("close the copy", () => closeSecond(fd));
    await paths.step(
      "rename the finished copy",
      () => settings.overwrite ? rename(temporary, name) : giveNewName(temporary, name),
    );
    if (settings.sync) await paths.step("sync the target's directory", () => syncDirectory(path.dirname(name)));
    return lost;
  } catch (error) {
    await removeTemporary(temporary);
    throw error;
  } finally {
    target.journal?.remove();
    fs.closeSync(fd); // another descriptor of it was closed before, so nothing is written out now
  }
}

/** Where the folder is local, at once. */
async function rename(from: string, to: string): Promise<void> {
  if (isKnownLocal(to)) fs.renameSync(from, to);
  else await fs.promises.rename(from, to);
}

async function commitInPlace(
  target: Target,
  source: Source,
  paths: Paths,
  settings: CopySettings,
  syncData: (fd: number) => Promise<void>,
): Promise<string[]> {
  const { fd, path: name, stream, existing, given } = target;
  const isFile = existing === null || existing.isFile() && !given;
  const lost = isFile ? await dress(target, name, source, paths, settings) : [];
  if (settings.sync && !stream) await paths.step("sync the target", () => syncData(fd));
  await paths.step("close the target", () => given ? closeSecond(fd) : close(fd));
  return lost;
}

/** Owner, mode, attributes and times. */
async function dress(
  { fd, old }: Target,
  name: string,
  source: Source,
  paths: Paths,
  settings: CopySettings,
): Promise<string[]> {
  return await paths.step("set the owner, mode and times of the copy", async () => {
    const lost = old === null ? [] : (await import("../metadata/keep.ts")).keepAccess(fd, name, old);
    const { mode, ownership, timestamps, attributes } = settings.preserve;
    if (mode || ownership || timestamps || attributes) {
      const { preserve } = await import("../metadata/preserve.ts");
      lost.push(...preserve(fd, name, source, settings.preserve, settings.ofMany));
    }
    return lost;
  });
}

/**
 * Network file systems write out at a close, which takes its time, and tell then that data did not arrive: of another
 * descriptor, so that the lock is kept, and on a thread.
 */
async function closeSecond(fd: number): Promise<void> {
  const { takeCopyThread, ThreadFailed } = await import("../threads/copy_thread.ts");
  const { call } = libc();
  const second = call.fcntl(fd, platform().constants.F_DUPFD_CLOEXEC, 3);
  if (second < 0) return;
  const thread = await takeCopyThread(undefined);
  try {
    const { result, errno } = await thread.call("close", second);
    if (result !== 0) throw new AioError("close", errno, "close the copy");
  } catch (error) {
    if (!(error instanceof ThreadFailed)) throw error;
    if (call.close(second) !== 0) throw new AioError("close", libc().errno(), "close the copy");
  } finally {
    thread.giveBack();
  }
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
 * Leaves the target as it was: what was written is removed, unless it can be gone on with. What was written in place over a
 * file cannot be taken back.
 *
 * @param target The target.
 */
export async function discard(target: Target): Promise<void> {
  const { fd, temporary, existing, path: name, journal, given } = target;
  if (!given) await close(fd).catch(() => {});
  if (journal?.isUseful) {
    journal.close();
    return leaveBehind(temporary!);
  }
  journal?.remove();
  const made = temporary ?? (existing === null ? name : null);
  if (made !== null) await removeTemporary(made);
}

/**
 * Sets the size of a copy, so that a hole at its end becomes part of it.
 *
 * @param target A target that is not written in place.
 * @param bytes The size.
 * @throws What the system refused, unless the copy has that size already.
 */
export async function setSize(target: Target, bytes: number): Promise<void> {
  if (fs.fstatSync(target.fd).size === bytes) return;
  await ftruncate(target.fd, bytes);
}
