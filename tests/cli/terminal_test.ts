// The command on a terminal: what it does after Ctrl-C, what is left there, and what it shows of odd names.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, EMULATOR, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";

const noPython = spawnSync("python3", ["--version"]).status === 0 ? undefined : "there is no python3 for a terminal";
const RUNTIME = process.versions.deno !== undefined ? "deno" : process.versions.bun !== undefined ? "bun" : "node";
const CLI = [
  ...EMULATOR,
  process.execPath,
  ...RUNTIME_ARGUMENTS,
  fileURLToPath(new URL("../../cli.ts", import.meta.url)),
];

/** Ways to start the command: by itself, and by a Node of any age. */
const STARTS: Readonly<Record<string, readonly string[]>> = {
  "cli.ts": CLI,
  "bin/aio.mjs": ["node", fileURLToPath(new URL("../../bin/aio.mjs", import.meta.url))],
};
const noStarter = spawnSync("node", ["--version"]).status !== 0
  ? "there is no node to start bin/aio.mjs with"
  : EMULATOR.length > 0
  ? "bin/aio.mjs starts no emulated runtime"
  : undefined;

/**
 * Runs a command on a terminal of 80 columns of its own, with one of its ends redirected to a file; once it has begun a copy,
 * `then` is done: Ctrl-C, or nothing. Prints the status, and what the terminal got.
 */
const ON_TERMINAL = `
import fcntl, json, os, pty, struct, subprocess, sys, termios, threading, time
redirected, then, feed, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
ends = dict(stdin=slave, stdout=slave, stderr=slave)
if redirected != "none": ends[redirected] = open("other", "w+b")
if feed: # a writer that is slow, and goes silent
    keep = os.open(feed, os.O_RDWR)
    os.write(keep, b"x" * 1000)
def lead():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
child = subprocess.Popen(command, preexec_fn=lead, **ends)
os.close(slave)
got = bytearray()
def read():
    try:
        while True:
            more = os.read(master, 65536)
            if not more: return
            got.extend(more)
    except OSError: pass
reader = threading.Thread(target=read)
reader.start()
def begun():
    return any(name.endswith(".aio-copy") for _, _, names in os.walk(".") for name in names)
while not begun() and child.poll() is None: time.sleep(0.01)
time.sleep(0.3)
if then == "interrupt": os.write(master, b"\\x03")
try: status = child.wait(timeout=60)
except subprocess.TimeoutExpired:
    child.kill()
    status = "still running"
reader.join()
print(json.dumps([status, got.decode(errors="replace")]))
`;

/** What a command did on a terminal. */
function onTerminal(
  folder: TemporaryFolder,
  command: readonly string[],
  { redirected = "none", then = "", feed = "" }: { redirected?: string; then?: string; feed?: string },
): { status: number | string; shown: string } {
  const env = { ...CHILD_ENVIRONMENT, AIO_RUNTIME: RUNTIME, TERM: "xterm" };
  const args = ["-c", ON_TERMINAL, redirected, then, feed, ...command];
  const { stdout, stderr } = spawnSync("python3", args, { cwd: folder.path, encoding: "utf8", env });
  assert(stdout !== "", stderr);
  const [status, shown] = JSON.parse(stdout);
  return { status, shown };
}

/** How often something is in a text. */
function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function leftOver(folder: TemporaryFolder): string[] {
  return fs.readdirSync(folder.path, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".aio-copy")
  );
}

describe("aio copy on a terminal, after Ctrl-C", () => {
  for (const what of ["a file", "a tree", "several files"]) {
    for (const [start, command] of Object.entries(STARTS)) {
      for (const redirected of ["none", "stdin", "stdout", "stderr"]) {
        // several files go the way of a tree
        if (what === "several files" && redirected !== "none") continue;
        const missing = noPython ?? (start === "cli.ts" ? undefined : noStarter);
        itUnless(missing, `ends cleanly: ${what} by ${start}, ${redirected} redirected`, () => {
          using folder = new TemporaryFolder();
          folder.write("target", "old");
          folder.fifo("fifo");
          for (const name of ["source/a", "source/b", "source/deep/c"]) {
            fs.mkdirSync(folder.at("source/deep"), { recursive: true });
            folder.write(name, "x".repeat(2_000_000));
          }
          fs.mkdirSync(folder.at("into"));
          const slowly = ["--bandwidth", "1M"];
          const args = what === "a file"
            ? ["fifo", "target"]
            : what === "a tree"
            ? ["-r", ...slowly, "source", "copy"]
            : [...slowly, "source/a", "source/b", "into"];
          const feed = what === "a file" ? "fifo" : "";
          const how = { redirected, then: "interrupt", feed };
          const { status, shown } = onTerminal(folder, [...command, "copy", ...args], how);
          assertEquals(status, 130, shown);
          const messages = redirected === "stderr" ? fs.readFileSync(folder.at("other"), "utf8") : shown;
          assertMatch(messages, /aio: stopped by SIGINT/);
          for (const [off, on] of [["\x1b[?25l", "\x1b[?25h"], ["\x1b[?7l", "\x1b[?7h"]]) {
            assertEquals(count(shown, off), count(shown, on), JSON.stringify(shown));
          }
          assertEquals(leftOver(folder), []);
          assertEquals(fs.readFileSync(folder.at("target"), "utf8"), "old");
        });
      }
    }
  }
});

/** Stands for the control character. */
const ESCAPE = "␛";

/** What a window of 80 columns shows after all this, of the sequences that the command uses. */
function screenAfter(text: string): string[] {
  const rows: string[] = [""];
  let row = 0, column = 0;
  for (const [part] of text.replaceAll("\x1b", ESCAPE).matchAll(/␛\[\d*[A-Z]|[\s\S]/gu)) {
    const count = Number(/\d+/.exec(part)?.[0] ?? 1);
    if (part === "\n") row++;
    else if (part === "\r" || part.endsWith("G") && part.length > 1) column = 0;
    else if (part.startsWith(ESCAPE) && part.endsWith("A")) row = Math.max(0, row - count);
    else if (part === `${ESCAPE}[K`) rows[row] = rows[row].slice(0, column);
    else if (part === `${ESCAPE}[J`) rows.splice(row, rows.length, rows[row].slice(0, column));
    else {
      rows[row] = rows[row].padEnd(column).slice(0, column) + part + rows[row].slice(column + 1);
      column++;
    }
    while (rows.length <= row) rows.push("");
  }
  return rows.filter((line) => line !== "");
}

describe("aio copy on a terminal", () => {
  itUnless(noPython, "draws a bar with the files under way beneath it, within the window, and takes it away", () => {
    using folder = new TemporaryFolder();
    fs.mkdirSync(folder.at("source"));
    const long = "a long name ".repeat(15).trim();
    for (const name of [long, "two"]) folder.write(`source/${name}`, "x".repeat(1_500_000));
    folder.write("source/small", "x");
    const { status, shown } = onTerminal(folder, [...CLI, "copy", "-r", "--bandwidth", "1M", "source", "copy"], {});
    assertEquals(status, 0, shown);
    const frames = shown.replaceAll("\x1b", ESCAPE).split(/(?:␛\[\d+A)?␛\[1G/).slice(1).map((frame) =>
      screenAfter(frame.replace(/␛\[J[^]*$/, ""))
    );
    const full = frames.filter((lines) => lines.length === 3);
    assert(full.length > 0, JSON.stringify(shown));
    for (const lines of frames) for (const line of lines) assert(line.length < 80, line);
    for (const [first, ...files] of full) {
      assertMatch(first, /^\[=* *\] +\d+% {2}\d of 3\+? files {2}.* of .* left/);
      assertEquals(files.map((line) => line.slice(6, 9)).sort(), ["a l", "two"]);
    }
    // the summary is all that is left
    const left = screenAfter(shown);
    assertEquals(left.length, 1, JSON.stringify(left));
    assertMatch(left[0], /^source -> copy: 3 files/);
  });

  const odd = "n\x1b[31m\x07\r\x9b2J";
  for (const what of ["a file", "a tree", "several files"]) {
    itUnless(noPython, `shows control characters of names in the progress line, and never sends them: ${what}`, () => {
      using folder = new TemporaryFolder();
      for (const name of ["source", "empty"]) fs.mkdirSync(folder.at(name));
      fs.mkdirSync(folder.at(`into/${odd}`), { recursive: true });
      for (const name of [odd, `${odd}2`]) folder.write(`source/${name}`, "x".repeat(1_500_000));
      for (const name of ["a", odd]) folder.write(`into/${odd}/${name}`, "x".repeat(1_500_000));
      const args = what === "a file"
        ? [`source/${odd}`, "target"]
        : what === "a tree"
        ? ["-rv", "--bandwidth", "1M", `into/${odd}`, "copy"]
        : ["-v", "--bandwidth", "1M", `source/${odd}`, `source/${odd}2`, "empty"];
      const { status, shown } = onTerminal(folder, [...CLI, "copy", ...args], {});
      assertEquals(status, 0, shown);
      assert(shown.includes("\x1b[1G"), JSON.stringify(shown)); // there was a live line
      assertMatch(shown, /n'\$'\\e''\[31m'\$'\\a\\r\\233''2J/);
      for (const raw of ["\x1b[31m", "\x07", "\x9b"]) assert(!shown.includes(raw), JSON.stringify(shown));
    });
  }
});
