/**
 * Node's door: `node:ffi`, from Node 26.1. Pointers and 64-bit integers are bigints.
 *
 * Callbacks from foreign threads are not allowed there, so this door has none.
 *
 * @module
 */

import process from "node:process";
import type { Door, NativeFunction, NativeLibrary, Signature } from "./native.ts";
import { startNodeThread } from "./thread.ts";

/** The part of `node:ffi` that is used here, so that the file type-checks in every runtime. */
interface NodeFfi {
  DynamicLibrary: new (library: string) => {
    getSymbol(name: string): bigint;
    getFunction(name: string, signature: unknown): NativeFunction;
  };
  toArrayBuffer(address: bigint, bytes: number, copy: boolean): ArrayBuffer;
  getRawPointer(bytes: Uint8Array): bigint;
}

/** The owner was told already that FFI is experimental: its threads do not say so again, each for itself. */
const THREAD_PRELUDE = `
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => {
  if (name !== "ExperimentalWarning") console.error(name + ": " + message);
});
const nodeType = (type) => type === "usize" ? "u64" : type;
const bind = (library, symbols) => {
  const opened = new (process.getBuiltinModule("node:ffi").DynamicLibrary)(library);
  const functions = {};
  for (const [name, { result, parameters }] of Object.entries(symbols)) {
    functions[name] = opened.getFunction(name, { return: nodeType(result), arguments: parameters.map(nodeType) });
  }
  return functions;
};
const pointer = BigInt;
const view = (address, bytes) =>
  process.getBuiltinModule("node:ffi").toArrayBuffer(BigInt(address), bytes, false);
`;

/**
 * Opens Node's door.
 *
 * @param version Node's version.
 * @returns The door, or `undefined` if this Node has no FFI.
 */
export function nodeDoor(version: string): Door | undefined {
  const ffi = process.getBuiltinModule?.("node:ffi" as "node:fs") as unknown as NodeFfi | undefined;
  if (ffi === undefined) return undefined;
  process.on("exit", awaitCompiler);
  return {
    runtime: "node",
    version,
    startThread: (text, data, listeners) => startNodeThread(THREAD_PRELUDE + text, data, listeners),
    open: (library) => openLibrary(ffi, library),
    pointer: BigInt,
    view: (address, bytes) => ffi.toArrayBuffer(BigInt(address), bytes, false),
    // A small array moves when its ArrayBuffer is first touched, so it is touched before the address is taken.
    addressOf: (bytes) => bytes.buffer === null ? 0 : Number(ffi.getRawPointer(bytes)),
  };
}

/**
 * At the end of a process Node frees what V8 knows of the C functions before it waits for V8's compiler, which crashes
 * where it is at work on a call of one of them just then (seen in 26.10: `Isolate::Deinit` in the main thread,
 * `VisitFastApiCall` in the compiler's). So the end waits for the compiler first.
 */
function awaitCompiler(): void {
  if (finalizesOptimization()) return; // the program itself was started with the flag, which stays
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--allow-natives-syntax");
  finalizesOptimization();
  setFlagsFromString("--no-allow-natives-syntax"); // flags are the process's, and this may be the end of a worker only
}

/** Waits for V8's compiler: false for a V8 without that function, or a program that lets no text become code. */
function finalizesOptimization(): boolean {
  try {
    new Function("%FinalizeOptimization()")();
    return true;
  } catch {
    return false;
  }
}

function openLibrary(ffi: NodeFfi, library: string): NativeLibrary {
  const opened = new ffi.DynamicLibrary(library);
  return {
    bind(name, signature) {
      try {
        opened.getSymbol(name);
      } catch {
        return undefined;
      }
      const { result, parameters } = signature;
      const bound = opened.getFunction(name, { return: nodeType(result), arguments: parameters.map(nodeType) });
      return withBigints(bound, signature);
    },
  };
}

function nodeType(type: string): string {
  return type === "usize" ? "u64" : type;
}

/** Node wants bigints for 64-bit arguments and gives bigints for 64-bit results. */
function withBigints(bound: NativeFunction, { result, parameters }: Signature): NativeFunction {
  const wide = parameters.map((type) => type === "i64" || type === "usize");
  const wideResult = result !== "i32" && result !== "void";
  if (!wideResult && !wide.includes(true)) return bound;
  return (...values) => {
    const converted = values.map((value, index) => wide[index] ? BigInt(value) : value);
    const answer = bound(...converted);
    return wideResult ? Number(answer) : answer;
  };
}
