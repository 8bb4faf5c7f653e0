/**
 * The owner and the group of a file that takes another one's place: each is kept if the system lets it, one without the
 * other where it does not.
 *
 * @module
 */

import fs from "node:fs";

/** Who a file is to belong to. */
export interface Owner {
  readonly uid: bigint;
  readonly gid: bigint;
}

/** What could be kept. */
export interface KeptOwner {
  readonly owner: boolean;
  readonly group: boolean;
}

/**
 * Gives an open file its owner and group.
 *
 * @param fd The file.
 * @param name Its name, for permission models that know no change by a descriptor.
 * @param wanted Who it is to belong to.
 * @returns What it belongs to now.
 */
export function setOwner(fd: number, name: string, wanted: Owner): KeptOwner {
  let found = fs.fstatSync(fd, { bigint: true });
  const kept = () => ({ owner: found.uid === wanted.uid, group: found.gid === wanted.gid });
  const tries = [[wanted.uid, wanted.gid], [found.uid, wanted.gid], [wanted.uid, found.gid]];
  for (const [uid, gid] of tries) {
    const { owner, group } = kept();
    if (owner && group) break;
    if (uid === found.uid && gid === found.gid) continue;
    if (change(fd, name, Number(uid), Number(gid))) found = fs.fstatSync(fd, { bigint: true });
  }
  return kept();
}

function change(fd: number, name: string, uid: number, gid: number): boolean {
  try {
    orByName(() => fs.fchownSync(fd, uid, gid), () => fs.chownSync(name, uid, gid));
    return true;
  } catch {
    return false; // not allowed, or not offered by the file system
  }
}

/**
 * Node's permission model knows no calls that change a file by its descriptor; with its name they are the same.
 *
 * @param byDescriptor Changes the file.
 * @param byName The same.
 */
export function orByName(byDescriptor: () => void, byName: () => void): void {
  try {
    byDescriptor();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_ACCESS_DENIED") throw error;
    byName();
  }
}
