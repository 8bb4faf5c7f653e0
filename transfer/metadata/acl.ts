/**
 * Access control lists as the kernel gives them in the attribute `system.posix_acl_access` (acl(5),
 * `<linux/posix_acl_xattr.h>`): who besides the owner may do what, and what a file is left with when one of those cannot
 * be kept.
 *
 * @module
 */

/** The attribute that holds the list of a file. */
export const ACCESS_ACL = "system.posix_acl_access";

/** The attribute that holds what a folder gives to what is made in it. */
export const DEFAULT_ACL = "system.posix_acl_default";

const VERSION = 2;
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;

/** `<linux/posix_acl.h>`: whom an entry is about. */
const TAGS = { USER_OBJ: 0x01, USER: 0x02, GROUP_OBJ: 0x04, GROUP: 0x08, MASK: 0x10, OTHER: 0x20 } as const;

/** One entry: whom it is about, and what they may do (4 read, 2 write, 1 execute). */
export interface AclEntry {
  readonly tag: number;
  readonly rights: number;
  readonly id: number;
}

/**
 * Reads a list.
 *
 * @param value What the attribute holds.
 * @returns The entries, or `undefined` if it is no list of the known version.
 */
export function parseAcl(value: Uint8Array): AclEntry[] | undefined {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length < HEADER_BYTES || view.getUint32(0, true) !== VERSION) return undefined;
  if ((value.length - HEADER_BYTES) % ENTRY_BYTES !== 0) return undefined;
  const entries: AclEntry[] = [];
  for (let at = HEADER_BYTES; at < value.length; at += ENTRY_BYTES) {
    entries.push({
      tag: view.getUint16(at, true),
      rights: view.getUint16(at + 2, true),
      id: view.getUint32(at + 4, true),
    });
  }
  return entries;
}

/**
 * Writes a list.
 *
 * @param entries The entries.
 * @returns What the attribute is to hold.
 */
export function formatAcl(entries: readonly AclEntry[]): Uint8Array {
  const value = new Uint8Array(HEADER_BYTES + entries.length * ENTRY_BYTES);
  const view = new DataView(value.buffer);
  view.setUint32(0, VERSION, true);
  for (const [index, { tag, rights, id }] of entries.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, rights, true);
    view.setUint32(at + 4, id, true);
  }
  return value;
}

/**
 * The list for a file whose group could not be kept: the new group gets no more than everybody else had, and everybody else,
 * with whom the old group now is, no more than that group had.
 *
 * @param entries The old list.
 * @returns The new one.
 */
export function withoutGroup(entries: readonly AclEntry[]): AclEntry[] {
  const rightsOf = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.rights ?? 0;
  const mask = entries.some(({ tag }) => tag === TAGS.MASK) ? rightsOf(TAGS.MASK) : 7;
  const both = rightsOf(TAGS.GROUP_OBJ) & mask & rightsOf(TAGS.OTHER);
  return entries.map((entry) =>
    entry.tag === TAGS.GROUP_OBJ || entry.tag === TAGS.OTHER ? { ...entry, rights: both } : entry
  );
}

/**
 * The mode of a file whose list could not be kept: those who were named in it are left with what everybody had, if they
 * were not denied that, and the group with what it had itself, which the mode of a file with a list does not tell.
 *
 * @param entries The old list.
 * @returns The rights as a mode, 0 to 0777.
 */
export function modeOfAcl(entries: readonly AclEntry[]): number {
  let [owner, group, mask, other] = [0, 0, 7, 0];
  for (const { tag, rights } of entries) {
    if (tag === TAGS.USER_OBJ) owner = rights;
    if (tag === TAGS.GROUP_OBJ) group = rights;
    if (tag === TAGS.MASK) mask = rights;
    if (tag === TAGS.OTHER) other = rights;
  }
  // who is named and may do less than everybody would gain by falling to the others, or to the group
  for (const { tag, rights } of entries) {
    if (tag !== TAGS.USER && tag !== TAGS.GROUP) continue;
    other &= rights & mask;
    group &= rights & mask;
  }
  return owner << 6 | (group & mask) << 3 | other;
}
