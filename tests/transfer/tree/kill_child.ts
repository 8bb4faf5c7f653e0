// A process that copies a tree and prints a character for each result; for kill_test.ts.

import fs from "node:fs";
import process from "node:process";
import { copyTree } from "../../../mod.ts";

const [source, target] = process.argv.slice(2);
for await (const { action } of copyTree(source, target, { preserveTimestamps: true })) {
  if (action === "copied") fs.writeSync(1, ".");
}
