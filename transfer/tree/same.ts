/**
 * Whether a target is the same as its source, by what is in them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import fs from "node:fs";
import { filesThread } from "../threads/files_threads.ts";
import type { Item } from "./item.ts";
import { nodePath } from "./path.ts";

/**
 * Compares a file with its source, or a symbolic link with another one.
 *
 * @param item The entry; its target exists, and is of the same kind.
 * @returns Whether source and target have the same content, or lead to the same place.
 */
export async function isSame({ source, target, stat }: Item): Promise<boolean> {
  if (stat.kind === "link") {
    const [one, other] = [source, target].map((name) => fs.readlinkSync(nodePath(name), { encoding: "buffer" }));
    return Buffer.from(one).equals(Buffer.from(other));
  }
  const halt = new SharedArrayBuffer(4);
  const call = { kind: "digests", files: [source, target], algorithm: "sha256", halt } as const;
  const { outcomes } = await filesThread().call(call);
  const [one, other] = outcomes!;
  return Array.isArray(one) && Array.isArray(other) && one[1] === other[1];
}
