/**
 * A copy's target: whether it is replaced or written in place, and what is opened to write to.
 *
 * @module
 */

import fs from "node:fs";
import { openFifo } from "../../file/fifo.ts";
import type { OldFile } from "../metadata/keep.ts";
import { RESUME_BYTES_MIN } from "../defaults.ts";
import type { CopySettings } from "../options.ts";
import { fileSystemOf } from "./file_system.ts";
import { InPlaceNeeded, openOver, whyNotReplaced } from "./in_place.ts";
import { removeLeftOvers } from "./left_overs.ts";
import { fstat, open } from "./open.ts";
import type { Paths } from "./paths.ts";
import { rememberLocal } from "./places.ts";
import { resolve } from "./resolve.ts";
import { isStandardOutput, openAgain, positionOf, STANDARD_OUTPUT } from "./standard.ts";
import type { Target } from "./opened.ts";
import type { Source } from "./source.ts";
import { removeTemporary } from "./stuck.ts";
import { makeTemporary } from "./temporary.ts";

/**
 * Finds out what is meant by the target and opens what is written to.
 *
 * @param paths The names of the copy's two ends.
 * @param source The opened source.
 * @param settings The copy's options.
 * @param onStream Told that it is a pipe or a device, before the wait for its other end.
 * @returns The target.
 * @throws {AioError} What the system refused; EINVAL if source and target are the same file.
 */
export async function openTarget(
  paths: Paths,
  source: Source,
  settings: CopySettings,
  onStream: () => void,
): Promise<Target> {
  const isStandard = isStandardOutput(paths.target);
  const { name, existing } = isStandard
    ? { name: paths.target, existing: await fstat(STANDARD_OUTPUT) }
    : await paths.step("look at the target", () => resolve(paths));
  if (existing !== null) {
    if (existing.dev === source.stat.dev && existing.ino === source.stat.ino) {
      throw paths.failure("copy", "EINVAL", "source and target are the same file");
    }
    if (!settings.overwrite && !isStandard) {
      throw paths.failure("copy", "EEXIST", "the target exists and is not to be replaced");
    }
  }
  return await paths.step("open the target", async () => {
    if (isStandard) return await openStandard(name, existing as fs.BigIntStats, settings.signal, onStream);
    if (existing !== null && !existing.isFile()) {
      onStream();
      return await openSpecial(name, existing, settings.signal);
    }
    if (settings.inPlace === "always") return await openOver(name, existing, source, settings);
    try {
      return await openBeside(name, existing, source, settings);
    } catch (error) {
      if (!(error instanceof InPlaceNeeded)) throw error;
      if (settings.inPlace === "never") throw error.said(paths);
      return await openOver(name, existing, source, settings);
    }
  });
}

async function openSpecial(name: string, existing: fs.BigIntStats, signal: AbortSignal | undefined): Promise<Target> {
  const flags = fs.constants.O_WRONLY | fs.constants.O_NOCTTY;
  const fd = existing.isFIFO() ? await openFifo(name, flags, signal) : await open(name, flags);
  const stream = !existing.isBlockDevice();
  const { dev: device } = existing;
  return {
    ...{ path: name, fd, base: 0, given: false, temporary: null, ordered: stream, stream, direct: false },
    ...{ device, local: true, onDisk: false, existing, damaged: false, old: null, journal: null, anew: "" },
  };
}

/** A file is written where it is; a pipe or terminal is opened once more if that can be. */
async function openStandard(
  name: string,
  existing: fs.BigIntStats,
  signal: AbortSignal | undefined,
  onStream: () => void,
): Promise<Target> {
  const stream = !existing.isFile() && !existing.isBlockDevice();
  if (stream) onStream();
  const again = stream ? await openAgain(() => openSpecial(name, existing, signal)) : undefined;
  if (again !== undefined) return again;
  const fd = STANDARD_OUTPUT;
  return {
    ...{ path: name, fd, base: positionOf(fd), given: true, temporary: null, ordered: true, stream, direct: false },
    ...{
      device: existing.dev,
      local: true,
      onDisk: false,
      existing,
      damaged: false,
      old: null,
      journal: null,
      anew: "",
    },
  };
}

async function openBeside(
  name: string,
  existing: fs.BigIntStats | null,
  source: Source,
  settings: CopySettings,
): Promise<Target> {
  const old = existing === null ? null : await lookAtOld(name, existing);
  await whyNotReplaced.folder(name);
  const isPart = settings.resume && source.size !== null && source.size >= RESUME_BYTES_MIN;
  if (!isPart) await removeLeftOvers(name);
  const mode = existing === null ? Number(source.stat.mode & 0o777n) : 0o600;
  let made;
  try {
    // what is preserved may have to be narrower than the umask leaves it: nobody else gets at it before
    const first = settings.preserve.mode ? mode & 0o700 : mode;
    made = isPart
      ? await (await import("./take_up.ts")).beginPart(name, source, first, settings)
      : { ...await makeTemporary(name, first, settings.direct), journal: null, anew: "" };
  } catch (error) {
    throw InPlaceNeeded.because(error, existing);
  }
  const { path: temporary, fd, direct, device, journal, anew } = made;
  try {
    const { fuse: ordered, local, memory } = fileSystemOf(fd, device);
    if (local) rememberLocal(name);
    if (ordered && !(journal?.isUseful ?? false)) await whyNotReplaced.rename(temporary);
    return {
      ...{ path: name, fd, base: 0, given: false, temporary, ordered, stream: false, direct },
      ...{ device, local, onDisk: local && !memory, existing, damaged: false, old, journal, anew },
    };
  } catch (error) {
    fs.closeSync(fd);
    await removeTemporary(temporary);
    journal?.remove();
    throw error;
  }
}

/** What could not be written is not replaced either: no permission, a program that runs. */
async function lookAtOld(name: string, existing: fs.BigIntStats): Promise<OldFile> {
  const { readOldFile } = await import("../metadata/keep.ts");
  const fd = await open(name, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  try {
    whyNotReplaced.place(fd, name, existing);
    return readOldFile(fd);
  } finally {
    fs.closeSync(fd);
  }
}
