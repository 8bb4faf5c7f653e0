/**
 * What a copy takes from its source besides the content, as `cp -p` and `cp -a` do.
 *
 * @module
 */

import fs from "node:fs";
import { ACCESS_ACL, DEFAULT_ACL, modeOfAcl, parseAcl } from "./acl.ts";
import { attribute, attributeNames, removeAttribute, setAttribute } from "./attributes.ts";
import { carriedAttributes, setMode } from "./keep.ts";
import { setOwner } from "./owner.ts";
import { setTimes, timesOf } from "./times.ts";

/** Setuid, setgid, sticky: the first two stand for an owner and a group, and cp takes the third for one with them. */
const SPECIAL_BITS = 0o7000;

/** Of a folder it says that others' files in it are safe, whoever owns it. */
const STICKY = 0o1000;

/** `<sys/stat.h>`: what says what a file is, and a folder's. */
const S_IFMT = 0o170000n;
const S_IFDIR = 0o040000n;

/** Attributes that are not about a file itself: lists of rights, which go with the mode, and signatures of the place. */
export const NOT_COPIED: RegExp = /^(system\.|security\.evm$)/;

/** Attributes that the system gives by itself, and that are not taken away where the source has none. */
const NOT_REMOVED = /^security\.(selinux|ima|SMACK64.*)$/;

/** What is taken from the source. */
export interface Preserved {
  /** The mode with setuid and setgid, and the access control list. */
  readonly mode: boolean;
  /** Owner and group, as far as that is allowed. */
  readonly ownership: boolean;
  /** The times of last access and modification, to the nanosecond. */
  readonly timestamps: boolean;
  /** Extended attributes, as far as the target's file system has them. */
  readonly attributes: boolean;
}

/** Where it is taken from. */
export interface PreserveSource {
  readonly fd: number;
  readonly stat: Pick<fs.BigIntStats, "uid" | "gid" | "mode">;
}

/**
 * Gives a copy what its source has.
 *
 * @param fd The copy, written to the end.
 * @param name Its name.
 * @param source The source.
 * @param preserved What to take.
 * @param exact Take attributes away that the source has not.
 * @returns What could not be kept, in words.
 */
export function preserve(
  fd: number,
  name: string,
  source: PreserveSource,
  preserved: Preserved,
  exact: boolean = false,
): string[] {
  const lost: string[] = [];
  if (preserved.ownership) {
    const kept = setOwner(fd, name, source.stat);
    if (!kept.owner) lost.push("owner");
    if (!kept.group) lost.push("group");
  }
  if (preserved.attributes) {
    const wanted = carriedAttributes(source.fd, NOT_COPIED);
    for (const [attribute, value] of wanted) {
      if (setAttribute(fd, attribute, value) !== 0) lost.push(attribute);
    }
    const extra = exact ? attributeNames(fd).filter((name) => !wanted.has(name) && !NOT_COPIED.test(name)) : [];
    for (const name of extra) if (!NOT_REMOVED.test(name)) removeAttribute(fd, name);
  }
  if (preserved.mode) preserveMode(fd, name, source, lost);
  if (preserved.timestamps) setTimes(fd, timesOf(source.fd));
  return lost;
}

/** What a folder gives to what is made in it. */
function preserveDefault(fd: number, source: PreserveSource, lost: string[]): void {
  const acl = attribute(source.fd, DEFAULT_ACL);
  if (acl === undefined) removeAttribute(fd, DEFAULT_ACL);
  else if (setAttribute(fd, DEFAULT_ACL, acl) !== 0) lost.push("default access control list");
}

function preserveMode(fd: number, name: string, source: PreserveSource, lost: string[]): void {
  const isFolder = (source.stat.mode & S_IFMT) === S_IFDIR;
  if (isFolder) preserveDefault(fd, source, lost);
  const { uid, gid } = fs.fstatSync(fd, { bigint: true });
  const isOf = uid === source.stat.uid && gid === source.stat.gid;
  const special = isOf ? SPECIAL_BITS : isFolder ? STICKY : 0; // they would be another's
  const mode = Number(source.stat.mode & 0o7777n) & (0o777 | special);
  const acl = attribute(source.fd, ACCESS_ACL);
  if (acl !== undefined && setAttribute(fd, ACCESS_ACL, acl) === 0) {
    // the list brings the rights, but leaves the other bits as they are
    if ((fs.fstatSync(fd).mode & 0o7777) !== mode) fs.fchmodSync(fd, mode);
    return;
  }
  const entries = acl === undefined ? undefined : parseAcl(acl);
  if (entries !== undefined) lost.push("access control list");
  try {
    setMode(fd, name, entries === undefined ? mode : modeOfAcl(entries) | mode & SPECIAL_BITS);
  } catch (error) {
    // where every file has the same mode, there is none to take; what others could do before stays as it was
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes((error as { code?: string }).code ?? "")) throw error;
    lost.push("mode");
  }
}
