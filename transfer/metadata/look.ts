/**
 * What an open file is like besides its content, to see what of it is another's, and what an update has changed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { ACCESS_ACL, DEFAULT_ACL } from "./acl.ts";
import { attribute } from "./attributes.ts";
import type { Attributes } from "./attributes.ts";
import { carriedAttributes } from "./keep.ts";
import { NOT_COPIED } from "./preserve.ts";
import type { Preserved } from "./preserve.ts";

/** `<sys/stat.h>`: the bits of the mode that say what a file is, and a folder's. */
const S_IFMT = 0o170000n;
const S_IFDIR = 0o040000n;

/** What a file is like; what nobody asked for is not looked at. */
export interface Look {
  readonly uid: bigint;
  readonly gid: bigint;
  /** Rights with setuid, setgid and sticky. */
  readonly mode: bigint;
  /** In nanoseconds since 1970. */
  readonly modified: bigint;
  /** The lists as the kernel gives them. */
  readonly acl: Uint8Array | undefined;
  readonly defaults: Uint8Array | undefined;
  readonly attributes: Attributes;
}

/**
 * Looks at an open file.
 *
 * @param fd The file.
 * @param preserved What is of interest.
 * @returns What it is like.
 */
export function lookAt(fd: number, { mode: lists, attributes }: Preserved): Look {
  const { uid, gid, mode, mtimeNs } = fs.fstatSync(fd, { bigint: true });
  return {
    ...{ uid, gid, mode: mode & 0o7777n, modified: mtimeNs },
    acl: lists ? attribute(fd, ACCESS_ACL) : undefined,
    defaults: lists && (mode & S_IFMT) === S_IFDIR ? attribute(fd, DEFAULT_ACL) : undefined,
    attributes: attributes ? carriedAttributes(fd, NOT_COPIED) : new Map(),
  };
}

/**
 * What two have not in common, of what is preserved.
 *
 * @param one One.
 * @param other Another, or the same at another time.
 * @param preserved What is of interest.
 * @returns It, in words; none if they are the same.
 */
export function changesOf(one: Look, other: Look, preserved: Preserved): string[] {
  const words: string[] = [];
  if (preserved.ownership && one.uid !== other.uid) words.push("owner");
  if (preserved.ownership && one.gid !== other.gid) words.push("group");
  if (preserved.mode && one.mode !== other.mode) words.push("mode");
  if (!isEqual(one.acl, other.acl)) words.push("access control list");
  if (!isEqual(one.defaults, other.defaults)) words.push("default access control list");
  const names = [...new Set([...one.attributes.keys(), ...other.attributes.keys()])];
  if (names.some((name) => !isEqual(one.attributes.get(name), other.attributes.get(name)))) {
    words.push("extended attributes");
  }
  if (preserved.timestamps && one.modified !== other.modified) words.push("times");
  return words;
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}
