/**
 * The choice among the runtimes' FFI: nothing outside this folder knows which runtime runs it.
 *
 * @module
 */

import process from "node:process";
import { bunDoor } from "./bun.ts";
import { denoDoor } from "./deno.ts";
import { nodeDoor } from "./node.ts";
import type { Door } from "./native.ts";

let chosen: Door | undefined;

/**
 * The running runtime's door.
 *
 * @example
 * ```ts
 * import { door } from "./door.ts";
 *
 * console.log(door().runtime, door().version);
 * ```
 *
 * @returns The door.
 * @throws {Error} If the runtime has no FFI; the message says which runtimes do.
 */
export function door(): Door {
  return chosen ??= choose(process.versions);
}

/**
 * Chooses the door by the versions a runtime reports.
 *
 * @param versions What `process.versions` holds.
 * @returns The door.
 * @throws {Error} If the runtime has no FFI.
 */
export function choose(versions: Readonly<Record<string, string | undefined>>): Door {
  if (versions.bun !== undefined) return bunDoor(versions.bun);
  if (versions.deno !== undefined) return denoDoor(versions.deno);
  const found = versions.node === undefined ? "this runtime" : `Node ${versions.node}`;
  const opened = versions.node === undefined ? undefined : nodeDoor(versions.node);
  if (opened !== undefined) return opened;
  throw new Error(
    `Cannot call the C library from ${found}: supported are Deno 2, Bun 1.3 and later, and Node 26.1 and later ` +
      "with node:ffi (not switched off by --no-experimental-ffi)",
  );
}
