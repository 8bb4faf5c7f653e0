// copy() where FreeBSD takes no asynchronous I/O: it goes on by itself, says so, and can still be aborted. Runs on Bun in short runs.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd } from "../on_freebsd.ts";
import fs from "node:fs";
import { copy } from "../../../mod.ts";
import { knownBytes, TemporaryFolder } from "../../support/files.ts";

describeFreebsd("copy() of what FreeBSD refuses", () => {
  it("reads a FIFO by node:fs and writes one by write(2), byte for byte", async () => {
    using folder = new TemporaryFolder();
    const content = knownBytes(3_000_001);
    const source = folder.write("source", content);
    const fifo = folder.fifo("fifo");
    const [into, from] = await Promise.all([copy(source, fifo), copy(fifo, folder.at("target"), { sync: true })]);
    assert(fs.readFileSync(folder.at("target")).equals(content));
    assertStringIncludes(into.how, "the target by write(2), since the system refuses asynchronous I/O (EOPNOTSUPP)");
    assertStringIncludes(from.how, "the source by node:fs, since the system refuses asynchronous I/O (EOPNOTSUPP)");
    assertEquals([into.bytes, from.bytes, from.size], [3_000_001, 3_000_001, 3_000_001]);
  });

  it("writes to a device", async () => {
    using folder = new TemporaryFolder();
    const result = await copy(folder.write("source", knownBytes(100_000)), "/dev/null");
    assertEquals([result.bytes, result.method], [100_000, "aio"]);
    assertStringIncludes(result.how, "the target by write(2)");
  });

  it("is ended by an abort while a FIFO is silent, or full", async () => {
    using folder = new TemporaryFolder();
    const fifo = folder.fifo("fifo");
    folder.open("fifo", "r+"); // an other end that neither writes nor reads
    for (const [source, target] of [[fifo, folder.at("target")], [folder.write("file", knownBytes(1 << 20)), fifo]]) {
      const signal = AbortSignal.timeout(100);
      assert(await copy(source, target, { signal }).catch((error) => error) === signal.reason);
    }
    assert(!fs.existsSync(folder.at("target")));
  });
});
