/**
 * `aio info`: what this machine, its C library and this runtime offer, and which defaults are in force.
 *
 * @module
 */

import process from "node:process";
import { door } from "../ffi/door.ts";
import { libc, SYMBOLS } from "../ffi/libc.ts";
import type { SymbolName } from "../ffi/libc.ts";
import { PAGE_BYTES } from "../ffi/memory.ts";
import { threadsInForce } from "../ffi/threads.ts";
import { LANE_DEPTH, LANE_DEPTH_QUICK, LANES_MAX } from "../engine/lanes/lane_policy.ts";
import { SLOTS_MAX } from "../engine/backends/blocks.ts";
import { engine } from "../engine/engines.ts";
import { AioQueue } from "../queue/queue.ts";
import { platform } from "../structs/platform.ts";
import { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "../transfer/options.ts";
import { paint } from "./color.ts";
import type { Command } from "./command.ts";
import { optionTable } from "./spec/spec.ts";
import { INFO } from "./spec/tell.ts";
import { parse, UsageError } from "./usage.ts";
import { VERSION } from "./version.ts";

/** The functions of aio(7), glibc's, and FreeBSD's. */
const FUNCTIONS = [
  ...["aio_read", "aio_write", "aio_fsync", "aio_error", "aio_return", "aio_suspend", "aio_cancel", "lio_listio"],
  ...["aio_init", "aio_readv", "aio_writev", "aio_read2", "aio_write2", "aio_waitcomplete", "aio_mlock"],
];

/** `aio info` */
export const infoCommand: Command = {
  async run(args) {
    const { values, positionals } = parse(args, optionTable(INFO));
    if (positionals.length > 0) throw new UsageError(`info takes no argument "${positionals[0]}"`);
    const waiter = waiterOf(values.waiter);
    if (values.check === true) {
      const { check } = await import("./check/check.ts");
      return await check(values.json === true, waiter);
    }
    if (values.waiter !== undefined) throw new UsageError("--waiter goes with --check");
    const info = collect();
    process.stdout.write(values.json === true ? `${JSON.stringify(info)}\n` : textOf(info));
    return 0;
  },
};

function waiterOf(text: unknown = "auto"): "auto" | "kqueue" | "suspend" {
  if (text === "auto" || text === "kqueue" || text === "suspend") return text;
  throw new UsageError(`--waiter is auto, kqueue or suspend, not "${text}"`);
}

type Value = string | number | null | readonly string[];
type Info = Readonly<Record<string, Readonly<Record<string, Value>>>>;

function collect(): Info {
  const { runtime, version, callback } = door();
  const { library, aioLibrary, has } = libc();
  const { constants, name, structs, behaviour } = platform();
  const lanes = behaviour.serialPerDescriptor;
  const found = FUNCTIONS.filter((one) =>
    one in SYMBOLS && has(one as SymbolName) && (one !== "aio_init" || structs.aioinit !== undefined)
  );
  return {
    package: { name: "@posix/aio", version: VERSION },
    runtime: {
      ...{ name: runtime, version, platform: name },
      threadCallbacks: callback === undefined ? "no" : "yes",
    },
    libc: { name: libcName(), version: glibcVersion(), library, aioLibrary },
    functions: { found, missing: FUNCTIONS.filter((one) => !found.includes(one)) },
    limits: {
      AIO_LISTIO_MAX: sysconf("_SC_AIO_LISTIO_MAX"),
      AIO_MAX: sysconf("_SC_AIO_MAX"),
      AIO_PRIO_DELTA_MAX: constants.AIO_PRIO_DELTA_MAX,
      IOV_MAX: constants.IOV_MAX,
      OPEN_MAX: sysconf("_SC_OPEN_MAX"),
      requestBytes: platform().ioBytesMax,
      controlBlockBytes: structs.aiocb.size,
      pageBytes: sysconf("_SC_PAGESIZE"),
    },
    queue: {
      waiter: `${engine().waiter === "kqueue" ? "kevent" : "aio_suspend"} on a thread of its own, after a short spin`,
      threads: lanes ? threadsInForce() : null,
      ioUring: ioUring(),
      depth: new AioQueue().depth,
      lanesMax: lanes ? LANES_MAX : 1,
      requestsPerLane: lanes ? LANE_DEPTH : engine().capacity,
      requestsPerQuickLane: lanes ? LANE_DEPTH_QUICK : engine().capacity,
      controlBlocks: SLOTS_MAX,
      bufferAlignment: PAGE_BYTES,
    },
    copy: { method: "auto", depth: DEPTH_DEFAULT, chunkBytes: CHUNK_BYTES_DEFAULT },
  };
}

/** Whether queues can have io_uring here, or why not. */
function ioUring(): string {
  try {
    return `yes, by engine: "${new AioQueue({ engine: "io_uring" }).engine}"`;
  } catch (error) {
    return `no: ${(error as Error).message}`;
  }
}

function libcName(): string {
  const { name } = platform();
  return /glibc|musl/.exec(name)?.[0] ?? (name.startsWith("freebsd") ? "FreeBSD" : "libSystem");
}

function glibcVersion(): string | null {
  if (libcName() !== "glibc" || !libc().has("gnu_get_libc_version")) return null;
  const address = libc().call.gnu_get_libc_version();
  const bytes = new Uint8Array(door().view(address, 16));
  return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
}

/** A limit; `null` where there is none. */
function sysconf(name: string): number | null {
  const number = platform().constants[name];
  const value = number === undefined ? -1 : libc().call.sysconf(number);
  return value < 0 ? null : value;
}

function textOf(info: Info): string {
  let text = "";
  for (const [group, fields] of Object.entries(info)) {
    text += `${paint(1, "strong", group)}\n`;
    for (const [name, value] of Object.entries(fields)) {
      const shown = value === null ? "none" : typeof value === "object" ? value.join(" ") || "none" : String(value);
      text += `  ${name.padEnd(20)} ${shown}\n`;
    }
  }
  return text;
}
