// aio copy with - and the names of standard input and output: what cat does with them is right.

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, EMULATOR, RUNTIME_ARGUMENTS } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless, itWithPipes } from "../support/platform.ts";
import { must, whyNoUsers } from "../transfer/as_user.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const COMMAND = [...EMULATOR, process.execPath, ...RUNTIME_ARGUMENTS, CLI].map((word) => `'${word}'`).join(" ");

/** Runs a shell's script in a folder; `copy` is `aio copy -q`. Gives what it printed on both, and its status. */
function shell(folder: TemporaryFolder, script: string): Promise<string> {
  const child = spawn("bash", ["-c", `copy() { ${COMMAND} copy -q "$@"; }; ${script}`], {
    cwd: folder.path,
    env: CHILD_ENVIRONMENT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => text += bytes);
  return new Promise((resolve) => child.on("close", (code) => resolve(`${text}${code}`)));
}

/** A folder with a source of lines, which is longer than what is read at a time. */
function prepare(): { folder: TemporaryFolder; lines: string } {
  const folder = new TemporaryFolder();
  const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join("");
  folder.write("source", lines);
  return { folder, lines };
}

describe("aio copy to standard output", () => {
  it("writes behind what is in a file already, and leaves the place for what follows", async () => {
    for (
      const [name, before, redirection] of [["-", "", ">"], ["/dev/stdout", "old\n", ">>"], [
        "--bandwidth 1G -",
        "old\n",
        ">>",
      ]]
    ) {
      const { folder, lines } = prepare();
      using _ = folder;
      folder.write("out", before);
      assertEquals(await shell(folder, `(echo head; copy source ${name} && echo tail) ${redirection} out`), "0", name);
      assertEquals(fs.readFileSync(folder.at("out"), "utf8") === `${before}head\n${lines}tail\n`, true, name);
    }
  });

  it("ends quietly, and with the status that cat has, when its reader has seen enough", async () => {
    const { folder } = prepare();
    using _ = folder;
    const script = 'copy source - | head -n 1; echo "${PIPESTATUS[*]}"';
    assertEquals(await shell(folder, script), "line 0\n141 0\n0");
  });

  it("leaves owner, mode and times of a file there alone, and asks nobody whether it may be replaced", async () => {
    const { folder } = prepare();
    using _ = folder;
    folder.write("out", "");
    fs.chmodSync(folder.at("out"), 0o600);
    const { ino } = fs.statSync(folder.at("out"));
    assertEquals(await shell(folder, "copy -p -n source - >> out"), "0");
    const { ino: after, mode, mtimeMs } = fs.statSync(folder.at("out"));
    assertEquals([after, mode & 0o777, mtimeMs > fs.statSync(folder.at("source")).mtimeMs], [ino, 0o600, true]);
    assertEquals(/same file.*1$/s.test(await shell(folder, "copy source - >> source")), true);
  });
});

describe("aio copy from standard input", () => {
  it("goes on where a file was read before, and takes all of the rest", async () => {
    for (const name of ["/dev/stdin", "--manifest SUMS -"]) {
      const { folder, lines } = prepare();
      using _ = folder;
      assertEquals(await shell(folder, `(read first; copy ${name} rest; cat) < source`), "0", name);
      assertEquals(fs.readFileSync(folder.at("rest"), "utf8") === lines.slice("line 0\n".length), true, name);
      assertEquals(await shell(folder, `(copy ${name} all; cat) < source`), "0", name);
      assertEquals(fs.readFileSync(folder.at("all"), "utf8") === lines, true, name);
      if (!name.startsWith("--")) continue;
      assertEquals(
        fs.readFileSync(folder.at("SUMS"), "utf8"),
        `${must("sha256sum", folder.at("all")).split(" ")[0]}  all\n`,
      );
    }
  });

  itWithPipes("takes sockets at both ends", async () => {
    const { folder, lines } = prepare();
    using _ = folder;
    let received = "";
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("data", (bytes) => received += bytes);
      socket.end(lines);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      assertEquals(await shell(folder, `exec 3<>/dev/tcp/127.0.0.1/${port}; copy - got <&3 && copy source - >&3`), "0");
      assertEquals(fs.readFileSync(folder.at("got"), "utf8") === lines, true);
      while (received.length < lines.length) await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(received === lines, true);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  itUnless(whyNoUsers(), "needs no right to open once more what is open", async () => {
    const { folder, lines } = prepare();
    using _ = folder;
    for (const name of ["source", "out"]) fs.chmodSync(folder.write(name, name === "out" ? "" : lines), 0o600);
    fs.chmodSync(folder.path, 0o755);
    const as =
      "setpriv --reuid=2001 --regid=3001 --clear-groups env NODE_COMPILE_CACHE= HOME=/nonexistent DENO_DIR=/tmp/aio-deno-as-user";
    assertEquals(await shell(folder, `${as} ${COMMAND} copy -q - - < source > out`), "0");
    assertEquals(fs.readFileSync(folder.at("out"), "utf8") === lines, true);
  });
});
