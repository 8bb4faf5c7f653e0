// Two copies of the package in one process share what the process has once: libc with its threads and its table of
// requests, signals, and the hooks at its end.

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { runChild } from "../support/child.ts";
import { knownBytes, TemporaryFolder } from "../support/files.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TWO = new URL("./children/two_copies.ts", import.meta.url);

const CANCEL = new URL("./children/two_copies_cancel.ts", import.meta.url);

/** Makes the second copy. */
function writeSecond(folder: TemporaryFolder): void {
  for (const name of ["structs", "sys", "ffi", "engine", "queue", "file", "transfer", "mod.ts", "sys.ts"]) {
    fs.cpSync(ROOT + name, folder.at(`second/${name}`), { recursive: true });
  }
}

describe("two copies of the package in one process", () => {
  it("end every request, though both and the C interface cancel on one descriptor number", async () => {
    using folder = new TemporaryFolder();
    writeSecond(folder);
    const path = folder.write("file", knownBytes(4 << 20));
    const { code, signal, stdout, stderr } = await runChild(CANCEL, {
      args: [ROOT, folder.at("second"), path],
      killAfterMs: 120_000, // much is read, which takes long beside other work
    });
    assertEquals([code, signal, stdout.trim()], [0, null, "all ended"], stderr);
  });

  it("work side by side and let it end", async () => {
    using folder = new TemporaryFolder();
    writeSecond(folder);
    const content = knownBytes(1 << 20);
    const path = folder.write("file", content);
    const { code, signal, stdout, stderr } = await runChild(TWO, { args: [ROOT, folder.at("second"), path] });
    assertEquals([code, signal, stdout.trim()], [0, null, "both worked"], stderr);
    assert(Buffer.compare(fs.readFileSync(path), content) === 0);
  });
});
