/**
 * Node tells at every start that its FFI is experimental: true, and no news to who runs a command.
 *
 * @module
 */

import process from "node:process";

/**
 * Keeps warnings about experimental features to itself; the others are printed.
 */
export function quietExperiments(): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}
