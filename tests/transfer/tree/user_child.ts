// A process that copies a tree and prints what failed, as JSON; for tree_as_user.ts.

import process from "node:process";
import { copyTree } from "../../../mod.ts";
import type { AioError } from "../../../mod.ts";

const [source, target, options] = process.argv.slice(2);
const transfer = copyTree(source, target, JSON.parse(options));
const codes: string[] = [];
for await (const { error } of transfer) if (error) codes.push((error as AioError).code);
console.log(JSON.stringify({ failed: (await transfer.summary).failed, codes }));
