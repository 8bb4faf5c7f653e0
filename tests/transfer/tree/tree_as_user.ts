/**
 * Copies of trees made by somebody who is not root.
 *
 * @module
 */

import { runChild } from "../../support/child.ts";
import type { TreeOptions } from "../../../mod.ts";
import type { User } from "../as_user.ts";

export { whyNoUsers } from "../as_user.ts";

/** Copies as a user. */
export async function copyTreeAs(
  user: User,
  source: string,
  target: string,
  options: TreeOptions = {},
): Promise<{ failed: number; codes: string[] }> {
  const { stdout, stderr } = await runChild(new URL("./user_child.ts", import.meta.url), {
    args: [source, target, JSON.stringify(options)],
    under: ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, `--groups=${user.gid}`],
    env: { NODE_COMPILE_CACHE: "", HOME: "/nonexistent", DENO_DIR: "/tmp/aio-deno-as-user" },
  });
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return JSON.parse(stdout);
}
