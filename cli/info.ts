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
import { LANE_DEPTH, LANES_MAX } from "../queue/lane_policy.ts";
import { SLOTS_MAX } from "../queue/blocks.ts";
import { AioQueue } from "../queue/queue.ts";
import { platform } from "../structs/platform.ts";
import { CHUNK_BYTES_DEFAULT, DEPTH_DEFAULT } from "../transfer/options.ts";
import type { Command } from "./command.ts";
import { parse, UsageError } from "./usage.ts";
import { VERSION } from "./version.ts";

const HELP = `aio info: what asynchronous I/O this machine offers

Usage: aio info [--json]

Shows the runtime, the C library and its version, which functions were found, limits, how completions are waited for,
and the defaults in force.

Options:
      --json  One JSON object
  -h, --help  Show this text

With Deno: deno run --allow-ffi cli.ts info
`;

/** The functions of aio(7), glibc's, and FreeBSD's. */
const FUNCTIONS = [
  ...["aio_read", "aio_write", "aio_fsync", "aio_error", "aio_return", "aio_suspend", "aio_cancel", "lio_listio"],
  ...["aio_init", "aio_readv", "aio_writev", "aio_read2", "aio_write2", "aio_waitcomplete", "aio_mlock"],
];

/** `aio info` */
export const infoCommand: Command = {
  name: "info",
  summary: "Show what asynchronous I/O this machine offers",
  help: HELP,
  run(args) {
    const { values, positionals } = parse(args, { json: { type: "boolean" } });
    if (positionals.length > 0) throw new UsageError(`info takes no argument "${positionals[0]}"`);
    const info = collect();
    process.stdout.write(values.json === true ? `${JSON.stringify(info)}\n` : textOf(info));
    return Promise.resolve(0);
  },
};

type Value = string | number | null | readonly string[];
type Info = Readonly<Record<string, Readonly<Record<string, Value>>>>;

function collect(): Info {
  const { runtime, version, callback } = door();
  const { library, aioLibrary, has } = libc();
  const { constants, name, structs } = platform();
  const found = FUNCTIONS.filter((one) => one in SYMBOLS && has(one as SymbolName));
  return {
    package: { name: "@posix/aio", version: VERSION },
    runtime: {
      ...{ name: runtime, version, platform: name },
      threadCallbacks: callback === undefined ? "no" : "yes",
    },
    libc: { name: name.split("-")[1], version: glibcVersion(), library, aioLibrary },
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
      waiter: "aio_suspend on a thread of its own, after a short spin",
      threads: threadsInForce(),
      depth: new AioQueue().depth,
      lanesMax: LANES_MAX,
      requestsPerLane: LANE_DEPTH,
      controlBlocks: SLOTS_MAX,
      bufferAlignment: PAGE_BYTES,
    },
    copy: { method: "auto", depth: DEPTH_DEFAULT, chunkBytes: CHUNK_BYTES_DEFAULT },
  };
}

function glibcVersion(): string | null {
  if (!libc().has("gnu_get_libc_version")) return null;
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
    text += `${group}\n`;
    for (const [name, value] of Object.entries(fields)) {
      const shown = value === null ? "none" : typeof value === "object" ? value.join(" ") || "none" : String(value);
      text += `  ${name.padEnd(20)} ${shown}\n`;
    }
  }
  return text;
}
