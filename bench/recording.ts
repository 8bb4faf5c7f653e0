/**
 * Records the command on a terminal of 80 columns, as the SVG that the README shows. The commands are typed by this script, what
 * they print and when is their own.
 *
 * ```sh
 * node bench/recording.ts                     # or bun, deno run -A; needs python3, which has terminals
 * node bench/recording.ts --mib 8 --out /tmp/copy.svg
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { film } from "./recording/film.ts";
import type { Frame } from "./recording/film.ts";
import { Screen } from "./recording/screen.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const COLUMNS = 80;
/** The shortest time between two frames, and the longest for which nothing changes, in seconds. */
const FRAME_SECONDS = 0.12;
const IDLE_SECONDS = 0.6;
const TYPING_SECONDS = 0.06;

/** Runs a command on a terminal of its own, and prints each of its outputs: seconds, and the bytes in base 64. */
const ON_TERMINAL = `
import base64, fcntl, os, pty, struct, subprocess, sys, termios, time
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, ${COLUMNS}, 0, 0))
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave)
os.close(slave)
try:
    while more := os.read(master, 65536):
        print(time.monotonic() - began, base64.b64encode(more).decode())
except OSError: pass # the terminal's last user has gone
sys.exit(child.wait())
`;

const RUNTIME = process.versions.deno !== undefined
  ? ["run", "-A", "--no-lock", "--quiet"]
  : process.versions.bun !== undefined
  ? []
  : ["--disable-warning=ExperimentalWarning"];

const { values } = parseArgs({
  options: {
    out: { type: "string", default: path.join(ROOT, "docs/pictures/copy.svg") },
    mib: { type: "string", default: "1024" },
  },
});
const mebibytes = Number(values.mib);
if (!Number.isInteger(mebibytes) || mebibytes < 1) {
  throw new Error(`--mib "${values.mib}": expected a whole number above 0`);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "aio-recording-"));
const screen = new Screen(COLUMNS);
const frames: Frame[] = [];
let now = 0;

/** Shows what the screen has now, from a time on; too soon after the frame before, in its place. */
function show(at: number): void {
  const frame = { at, rows: screen.rows() };
  const last = frames.at(-1);
  if (last !== undefined && JSON.stringify(last.rows) === JSON.stringify(frame.rows)) return;
  if (last !== undefined && at - last.at < FRAME_SECONDS) frames[frames.length - 1] = { ...frame, at: last.at };
  else frames.push(frame);
}

function type(words: string): void {
  screen.write("\u001b[32m$\u001b[0m ");
  show(now);
  now += IDLE_SECONDS;
  for (const letter of words) {
    screen.write(letter);
    show(now += TYPING_SECONDS);
  }
  screen.write("\r\n");
  show(now += IDLE_SECONDS / 2);
}

function record(args: readonly string[]): void {
  type(`aio ${args.join(" ")}`);
  const command = [process.execPath, ...RUNTIME, path.join(ROOT, "cli.ts"), ...args];
  const { status, stdout, stderr, error } = spawnSync("python3", ["-c", ON_TERMINAL, ...command], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, TERM: "xterm-256color", NO_COLOR: undefined },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`aio ${args.join(" ")} ended with ${status}: ${error?.message ?? stdout + stderr}`);
  let before = 0;
  let rest = Buffer.alloc(0);
  for (const line of stdout.trimEnd().split("\n")) {
    const [seconds, bytes] = line.split(" ");
    now += Math.min(Number(seconds) - before, IDLE_SECONDS);
    before = Number(seconds);
    // a code, or a character of several bytes, may come in two parts: they wait for what ends them
    rest = Buffer.concat([rest, Buffer.from(bytes, "base64")]);
    const text = rest.toString("utf8");
    // deno-lint-ignore no-control-regex -- it is what is looked for
    if (/\u001b(?:\[[?\d;]*)?$|\ufffd$/.test(text)) continue;
    rest = Buffer.alloc(0);
    screen.write(text);
    show(now);
  }
  now += IDLE_SECONDS;
}

try {
  const piece = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 31 + (index >> 8)) & 255));
  const write = (name: string, count: number) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    for (let index = 0; index < count; index++) fs.appendFileSync(path.join(folder, name), piece);
  };
  write("disk.img", mebibytes);
  for (let index = 0; index < 24; index++) write(`photos/${2024 + index % 3}/${index}.jpg`, 1 + index % 3);
  record(["copy", "--sync", "disk.img", "backup.img"]);
  record(["sync", "photos", "mirror"]);
  record(["sync", "photos", "mirror"]);
} finally {
  fs.rmSync(folder, { recursive: true });
}
screen.write("\u001b[32m$\u001b[0m");
show(now);
fs.mkdirSync(path.dirname(values.out), { recursive: true });
fs.writeFileSync(values.out, film(frames, { columns: COLUMNS, title: "aio copy and aio sync on a terminal", rest: 4 }));
console.log(`${values.out}: ${frames.length} frames, ${fs.statSync(values.out).size} bytes`);
