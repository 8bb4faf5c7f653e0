// A process that copies one file and prints what came of it, as JSON; for as_user.ts.

import process from "node:process";
import { copy } from "../../mod.ts";

const [source, target, options] = process.argv.slice(2);
try {
  const { notKept, inPlace } = await copy(source, target, JSON.parse(options));
  console.log(JSON.stringify({ notKept, inPlace }));
} catch (error) {
  const { message, code } = error as { message: string; code?: string };
  console.log(JSON.stringify({ error: message, code }));
}
