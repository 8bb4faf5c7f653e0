/**
 * The checks of what a copy of a tree or of many files is told, and the defaults.
 *
 * @module
 */

import process from "node:process";
import { checkInteger, checkNames, namesOf } from "../../queue/check.ts";
import { checkOptions } from "../options.ts";
import type { CopyOptions, CopySettings } from "../options.ts";
import { checkShard } from "../shard.ts";
import type { Shard } from "../shard.ts";
import type { TreeProgress } from "./progress.ts";
import type { Overwrite, TreeOptions } from "./tree_options.ts";

/** Every option there, and none `undefined`. */
type Settled<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Options with their defaults. */
export interface TreeSettings extends
  Omit<
    Settled<TreeOptions>,
    keyof CopyOptions | "force" | "recursive" | "verbatimSymlinks" | "include" | "exclude" | "shard"
  > {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly shard: Shard | undefined;
  readonly signal: AbortSignal | undefined;
  readonly overwrite: Overwrite;
  readonly resume: boolean;
  /** Whether every file's digest is told, also of one that is not copied. */
  readonly digestsAll: boolean;
  readonly onProgress: ((progress: TreeProgress) => void) | undefined;
  /** What a file is copied with that goes its own way. */
  readonly copy: CopySettings;
}

const NAMES = namesOf<keyof TreeOptions>(
  ...[
    "method",
    "engine",
    "chunkBytes",
    "depth",
    "direct",
    "inPlace",
    "overwrite",
    "checksum",
    "force",
    "errorOnExist",
  ] as const,
  ...["filter", "include", "exclude", "dryRun", "preserveTimestamps", "preserve", "dereference", "hardLinks"] as const,
  ...["special", "fsync", "bandwidthLimit", "delete", "digest", "verify", "concurrency", "rename", "flat"] as const,
  ...["recursive", "verbatimSymlinks", "resume", "shard", "stopOnError", "signal", "onProgress"] as const,
);

/** Files under way at a time, unless a program asks for another number. */
const CONCURRENCY = 8;

/**
 * Checks options and fills in the defaults.
 *
 * @param options What the caller gave.
 * @returns The options.
 * @throws {TypeError | RangeError} If one is wrong.
 */
export function checkTreeOptions(options: TreeOptions): TreeSettings {
  checkNames("options", options, NAMES);
  const { fsync = "none", special = "copy", force = true, bandwidthLimit = 0, concurrency = CONCURRENCY } = options;
  const resume = flag("resume", options.resume);
  const given = options.overwrite ?? (!force ? false : resume ? "different" : true);
  const overwrite = given === true ? "always" : given === false ? "never" : given;
  for (const name of ["recursive", "verbatimSymlinks"] as const) {
    if (options[name] === undefined || options[name] === true) continue;
    throw new TypeError(`Cannot use ${name} ${options[name]}: expected true, since it is never otherwise`);
  }
  choice("overwrite", overwrite, ["always", "never", "newer", "different"]);
  choice("fsync", fsync, ["none", "file", "end"]);
  choice("special", special, ["copy", "skip"]);
  if (bandwidthLimit !== 0) checkInteger("bandwidthLimit", bandwidthLimit, 1024, Number.MAX_SAFE_INTEGER);
  checkInteger("concurrency", concurrency, 1, 64);
  const verify = flag("verify", options.verify);
  const digest = options.digest ?? (verify ? "sha256" : "");
  if (digest !== "") checkAlgorithm("digest", digest);
  for (const name of ["filter", "rename", "onProgress"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`Cannot use ${name}: expected a function`);
    }
  }
  const { method, engine, chunkBytes, depth, direct, inPlace, preserve, preserveTimestamps } = options;
  const copy = checkOptions({
    ...{ method, engine, chunkBytes, depth, direct, inPlace, preserve, preserveTimestamps },
    ...{ signal: options.signal, sync: fsync === "file", overwrite: overwrite !== "never", resume },
  });
  const settings: TreeSettings = {
    ...{ overwrite, fsync, special, bandwidthLimit, concurrency, digest, verify, resume },
    digestsAll: options.digest !== undefined && options.dryRun !== true,
    copy: { ...copy, ofMany: true },
    checksum: flag("checksum", options.checksum),
    errorOnExist: flag("errorOnExist", options.errorOnExist),
    filter: options.filter ?? everything,
    include: patterns("include", options.include),
    exclude: patterns("exclude", options.exclude),
    dryRun: flag("dryRun", options.dryRun),
    dereference: flag("dereference", options.dereference),
    hardLinks: flag("hardLinks", options.hardLinks, true),
    delete: flag("delete", options.delete),
    rename: options.rename ?? sameName,
    flat: flag("flat", options.flat),
    shard: options.shard === undefined ? undefined : checkShard(options.shard),
    stopOnError: flag("stopOnError", options.stopOnError),
    signal: options.signal ?? undefined,
    onProgress: options.onProgress,
  };
  if (settings.delete && (settings.flat || options.rename !== undefined || settings.shard !== undefined)) {
    throw new TypeError("Cannot use delete together with flat, rename or shard: what the target may have is not known");
  }
  return settings;
}

/** The filter that lets everything through. */
export const everything = (): boolean => true;

/** The names that files have. */
export const sameName = (path: string): string => path;

/**
 * Checks the name of a digest.
 *
 * @param name What to call it in the error.
 * @param algorithm What the caller gave.
 * @throws {TypeError} If the runtime does not know it.
 */
export function checkAlgorithm(name: string, algorithm: unknown): void {
  const known = process.getBuiltinModule("node:crypto").getHashes(); // asked for here: it takes its time to load
  if (typeof algorithm === "string" && known.includes(algorithm.toLowerCase())) return;
  const some = ["sha256", "sha512", "sha1", "md5", "blake2b512"].filter((one) => known.includes(one)).join(", ");
  throw new TypeError(
    `Cannot use ${name} ${JSON.stringify(algorithm)}: expected one that node:crypto knows, such as ${some}`,
  );
}

function choice(name: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  const list = values.map((one) => `"${one}"`).join(", ");
  throw new TypeError(`Cannot use ${name} ${JSON.stringify(value)}: expected one of ${list}`);
}

function flag(name: string, value: unknown, byDefault: boolean = false): boolean {
  const given = value ?? byDefault;
  if (typeof given !== "boolean") throw new TypeError(`Cannot use ${name} ${given}: expected true or false`);
  return given;
}

function patterns(name: string, value: unknown): readonly string[] {
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  for (const pattern of list) {
    if (typeof pattern !== "string" || pattern === "") {
      throw new TypeError(`Cannot use ${name} ${JSON.stringify(pattern)}: expected a glob pattern that is not empty`);
    }
    if (count(pattern, "[") > count(pattern, "]") || count(pattern, "{") !== count(pattern, "}")) {
      throw new TypeError(`Cannot use ${name} ${JSON.stringify(pattern)}: a bracket is not closed`);
    }
  }
  return list as string[];
}

function count(text: string, character: string): number {
  return text.replaceAll(/\\./g, "").split(character).length - 1;
}

/** The options with a signal that the end of the iteration sets as well. */
export function withSignal(settings: TreeSettings, halted: AbortSignal): TreeSettings {
  const signal = settings.signal === undefined ? halted : AbortSignal.any([settings.signal, halted]);
  return { ...settings, signal, copy: { ...settings.copy, signal } };
}
