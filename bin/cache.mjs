// The user's own cache folder: what `bin/aio.mjs` has found out or made before. What lies there is believed and run, so only
// files count that nobody else can have written. Nothing is kept where NODE_DISABLE_COMPILE_CACHE is set.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";

/** The folder, or `undefined` where nothing is to be kept; it may not be there yet. */
export function cacheFolder() {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  return path.isAbsolute(caches) ? path.join(caches, "posix-aio") : undefined;
}

function isOwn({ uid, mode }) {
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** The text of a file that only this user can write, in a folder of which that is true as well; else `undefined`. */
export function readOwn(file) {
  let fd;
  try {
    if (!isOwn(statSync(path.dirname(file)))) return undefined;
    fd = openSync(file, "r");
    return isOwn(fstatSync(fd)) ? readFileSync(fd, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Gives a file its new content at once, or leaves it as it was; returns whether it has it. */
export function writeOwn(file, text) {
  const temporary = `${file}.${process.pid}.new`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const fd = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd); // a power cut must not leave the name with half of the content
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
    return true;
  } catch {
    rmSync(temporary, { force: true });
    return false;
  }
}
