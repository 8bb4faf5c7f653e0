/**
 * Who may use a file that takes another one's place: those who could use the old one, and nobody besides.
 *
 * What cp keeps by writing into the file itself is carried over: owner, group, mode, access control list and extended
 * attributes. What cannot be kept takes the rights along that it stood for. What the new content must not inherit is left
 * out: setuid and setgid, and `security.capability`, which a write removes as well.
 *
 * @module
 */

import fs from "node:fs";
import { AioError } from "../../ffi/errno.ts";
import { ACCESS_ACL, formatAcl, modeOfAcl, parseAcl, withoutGroup } from "./acl.ts";
import { attribute, attributeNames, removeAttribute, setAttribute } from "./attributes.ts";
import type { Attributes } from "./attributes.ts";
import { orByName, setOwner } from "./owner.ts";

/** Attributes that are about the content, or that the list of rights is in. */
const NOT_CARRIED = /^(system\.|security\.(capability|ima|evm)$)/;

/** The rights of everybody, and the sticky bit. */
const MODE_BITS = 0o1777;

/** What a file is like that is to be replaced. */
export interface OldFile {
  readonly uid: bigint;
  readonly gid: bigint;
  readonly mode: number;
  /** Its access control list as the kernel gives it. */
  readonly acl: Uint8Array | undefined;
  /** Its attributes that are carried over. */
  readonly attributes: Attributes;
}

/**
 * Looks at a file that is to be replaced.
 *
 * @param fd The open file.
 * @returns What is carried over.
 */
export function readOldFile(fd: number): OldFile {
  const { uid, gid, mode } = fs.fstatSync(fd, { bigint: true });
  return { uid, gid, mode: Number(mode & 0o7777n), acl: attribute(fd, ACCESS_ACL), attributes: carriedAttributes(fd) };
}

/**
 * The attributes of a file that another one with the same content, or in its place, can have.
 *
 * @param fd The open file.
 * @param except Attributes that cannot.
 * @returns The attributes that may be read.
 */
export function carriedAttributes(fd: number, except: RegExp = NOT_CARRIED): Map<string, Uint8Array> {
  const attributes = new Map<string, Uint8Array>();
  for (const name of attributeNames(fd)) {
    const value = except.test(name) ? undefined : attribute(fd, name);
    if (value !== undefined) attributes.set(name, value);
  }
  return attributes;
}

/**
 * Makes a new file as accessible as the one whose place it takes, or less.
 *
 * @param fd The new file, which nobody but its owner can use so far.
 * @param name Its name.
 * @param old The old file.
 * @returns What could not be kept, in words.
 * @throws {AioError} If the new file would be accessible to more.
 */
export function keepAccess(fd: number, name: string, old: OldFile): string[] {
  const kept = setOwner(fd, name, old);
  const lost = [...(kept.owner ? [] : ["owner"]), ...(kept.group ? [] : ["group"])];
  const entries = old.acl === undefined ? undefined : parseAcl(old.acl);
  if (entries === undefined) {
    setMode(fd, name, kept.group ? old.mode & MODE_BITS : modeWithoutGroup(old.mode));
  } else {
    const wanted = kept.group ? entries : withoutGroup(entries);
    if (setAttribute(fd, ACCESS_ACL, formatAcl(wanted)) !== 0) {
      lost.push("access control list");
      setMode(fd, name, modeOfAcl(wanted));
    }
  }
  for (const [attribute, value] of old.attributes) {
    if (setAttribute(fd, attribute, value) !== 0) lost.push(attribute);
  }
  return lost;
}

/**
 * Gives a file a mode, and takes a list away that its folder has given it.
 *
 * @param fd The file.
 * @param name Its name.
 * @param mode The mode.
 * @throws {AioError} If that is refused and the file would be accessible to more than the mode says.
 */
export function setMode(fd: number, name: string, mode: number): void {
  removeAttribute(fd, ACCESS_ACL);
  if (attribute(fd, ACCESS_ACL) !== undefined) {
    throw new AioError("fremovexattr", "EPERM", `take the access control list away that the folder gives to ${name}`);
  }
  const present = () => Number(fs.fstatSync(fd).mode & 0o7777);
  if (present() === mode) return; // some file systems refuse even that
  try {
    orByName(() => fs.fchmodSync(fd, mode), () => fs.chmodSync(name, mode));
  } catch (error) {
    if ((present() & ~mode) !== 0) throw error;
  }
}

/** Of a mode without the group it was meant for: see {@linkcode withoutGroup}. */
function modeWithoutGroup(mode: number): number {
  const both = mode >> 3 & mode & 7;
  return mode & 0o1700 | both << 3 | both;
}
