// Tells Node where the stand-ins for `@std/assert` and `@std/testing/bdd` are: node --import ./tests/stand_in/register.mjs
// (Bun reads the same from "paths" in tsconfig.json, Deno from import_map.json beside this file.)

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const { imports } = JSON.parse(readFileSync(new URL("import_map.json", import.meta.url), "utf8"));

registerHooks({
  resolve(specifier, context, next) {
    const target = imports[specifier];
    return next(target?.startsWith("./") ? new URL(target, import.meta.url).href : specifier, context);
  },
});
