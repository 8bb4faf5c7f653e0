/**
 * The compiler of TypeScript, as npm has put it into node_modules.
 *
 * @module
 */

import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The folder of this checkout. */
export const ROOT: string = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** The command; "npm install" brings it. */
export const TSC: readonly [string, string] = [process.execPath, path.join(ROOT, "node_modules/typescript/bin/tsc")];
