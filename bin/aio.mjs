#!/usr/bin/env node
// Starts the `aio` command with a runtime that has FFI, so that `node bin/aio.mjs copy SOURCE TARGET` works even where
// the installed Node is too old for it: with the runtime that runs this file if it is recent enough, else with another one,
// the quickest first. Then signals and the exit status pass through. AIO_RUNTIME=bun|node|deno chooses.

import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { cacheFolder } from "./cache.mjs";
import { childProcess, findRuntime, isRecent, oldest, own, root } from "./runtimes.mjs";
import { knownVersion } from "./versions.mjs";

const flags = {
  bun: ["run"],
  node: ["--disable-warning=ExperimentalWarning"],
  deno: ["run", "-A", "--quiet", "--config", path.join(root, "deno.json")],
};

/** The runtime, by its file; without one it is this one. */
function chooseRuntime() {
  const wanted = process.env.AIO_RUNTIME;
  if (wanted !== undefined && !(wanted in oldest)) {
    throw new Error(`Cannot start aio: AIO_RUNTIME is "${wanted}", not one of ${Object.keys(oldest).join(", ")}`);
  }
  if ((wanted ?? own) === own && isRecent(own, process.versions[own])) return { name: own };
  // whoever started this one has chosen it: whatever it is, it starts no further one
  if (wanted === own && process.env.AIO_STARTED_BY === String(process.ppid)) return { name: own };
  const reasons = [];
  for (const name of wanted ? [wanted] : Object.keys(flags)) {
    const runtime = findRuntime(name, { ask: knownVersion });
    if (runtime.file) return runtime;
    reasons.push(runtime.reason);
  }
  throw new Error(`Cannot start aio: no runtime with FFI\n  ${reasons.join("\n  ")}`);
}

function run({ name, file }) {
  if (file === undefined) return runHere();
  // Node comes to this file again, and runs the command there
  const script = name === "node" ? fileURLToPath(import.meta.url) : path.join(root, "cli.ts");
  const child = childProcess().spawn(file, [...flags[name], script, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, AIO_RUNTIME: name, AIO_STARTED_BY: String(process.pid) },
  });
  // A terminal sends Ctrl-C to the whole process group: the command takes two that come together for one.
  const passOn = (signal) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, passOn);
  child.on("error", (error) => {
    console.error(`Cannot start ${file}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** What `require` gives, or nothing where it fails. */
function load(require) {
  try {
    return require();
  } catch {
    return undefined;
  }
}

/** Runs the command in this process, as `cli.ts` does when it is the program. */
async function runHere() {
  const folder = cacheFolder();
  const require = createRequire(import.meta.url);
  if (own === "node" && folder !== undefined) require("node:module").enableCompileCache(path.join(folder, "compiled"));
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") process.stderr.write(`${name}: ${message}\n`);
  });
  process.exitCode = 1; // should it end before it is done
  const made = own === "node" ? bundle() : undefined;
  const { main } = (made === undefined ? undefined : load(() => require(made))) ?? await import("../cli.ts");
  process.exitCode = await main(process.argv.slice(2));
}

try {
  await run(chooseRuntime());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
