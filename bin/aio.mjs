#!/usr/bin/env node
// Starts the `aio` command with a runtime that has FFI, so that `node bin/aio.mjs copy SOURCE TARGET` works even where
// the installed Node is too old for it. Signals and the exit status pass through. AIO_RUNTIME=deno|bun|node chooses.

import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { findRuntime, oldest, root } from "./runtimes.mjs";

const flags = {
  node: ["--disable-warning=ExperimentalWarning"],
  bun: ["run"],
  deno: ["run", "-A", "--config", path.join(root, "deno.json")],
};

function chooseRuntime() {
  const wanted = process.env.AIO_RUNTIME;
  if (wanted !== undefined && !(wanted in oldest)) {
    throw new Error(`Cannot start aio: AIO_RUNTIME is "${wanted}", not one of ${Object.keys(oldest).join(", ")}`);
  }
  const reasons = [];
  for (const name of wanted ? [wanted] : Object.keys(flags)) {
    const runtime = findRuntime(name);
    if (runtime.file) return runtime;
    reasons.push(runtime.reason);
  }
  throw new Error(`Cannot start aio: no runtime with FFI\n  ${reasons.join("\n  ")}`);
}

function run({ name, file }) {
  // Node's start with compiled sources takes a third of the time; the cache is as trustworthy as the code beside it.
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? path.join(root, "node_modules", ".cache", "aio");
  const child = spawn(file, [...flags[name], path.join(root, "cli.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE, AIO_STARTED_BY: String(process.pid) },
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

try {
  run(chooseRuntime());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
