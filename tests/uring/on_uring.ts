/**
 * Runs the tests of another file with io_uring: queues that ask for no engine get it.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { chooseEngine, setUsualEngine } from "../../engine/choose_engine.ts";

function whyNot(): string | undefined {
  if (process.platform !== "linux") return "only Linux has io_uring";
  try {
    chooseEngine("io_uring", undefined, "auto");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why there is no io_uring here; `undefined` if there is. */
export const noUring: string | undefined = whyNot();

/**
 * Imports a test file, or registers one skipped test that says why not.
 *
 * @param file The file, relative to `tests/`.
 */
export async function runOnUring(file: string): Promise<void> {
  if (noUring !== undefined) {
    const { it } = await import("@std/testing/bdd");
    it.skip(`${file} on io_uring (skipped: ${noUring})`, () => {});
    return;
  }
  setUsualEngine("io_uring");
  const { RUNTIME_ARGUMENTS } = await import("../support/child.ts");
  const child = fileURLToPath(new URL("./child.ts", import.meta.url));
  if (!RUNTIME_ARGUMENTS.includes(child)) RUNTIME_ARGUMENTS.push(child);
  await import(new URL(`../${file}`, import.meta.url).href);
}
