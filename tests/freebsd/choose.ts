/**
 * Makes this process one on FreeBSD: nothing to do on FreeBSD itself; on Linux the platform is FreeBSD's and the C
 * library the one that stands in for FreeBSD's.
 *
 * This module imports nothing that waits (`@std/testing/bdd` does), or it would run after `sys.ts` has asked for the
 * platform.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { freebsd } from "../../structs/freebsd.ts";
import { usePlatform } from "../../structs/platform.ts";
import { buildStandIn, NEWEST_RELEASE, standInMissing } from "./stand_in.ts";

/** Whether the kernel is FreeBSD's, and nothing stands in for it. */
export const isReal: boolean = process.platform === "freebsd";

/** The library that the parent process has built: a process of a test need not look for a compiler. */
const { STAND_IN_LIBRARY: inherited } = process.env;

/** Why there is no FreeBSD here; `undefined` if there is. */
export const reason: string | undefined = isReal || inherited !== undefined ? undefined : standInMissing();

/** The release whose functions there are: 1200, 1300, 1401, 1500 or 1501. Set by a module that is imported before this one. */
const release = (globalThis as { standInRelease?: number }).standInRelease;

/** The release that answers here: the kernel's own on FreeBSD. */
export const answering: number = isReal
  ? Math.floor(Number(spawnSync("uname", ["-K"], { encoding: "utf8" }).stdout) / 1000)
  : release ?? NEWEST_RELEASE;

if (!isReal && reason === undefined) {
  const processor = process.arch === "arm64" ? "arm64" : "amd64";
  const library = release === undefined && inherited !== undefined ? inherited : buildStandIn(release);
  if (release === undefined) process.env.STAND_IN_LIBRARY = library;
  usePlatform({ platform: freebsd(processor), library });
}
