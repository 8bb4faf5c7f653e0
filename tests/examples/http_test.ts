// The example file server, by the runtime's own server and by node:http: whole files and ranges, what must not be served, and
// that it reads no further than a slow client has come.

import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import fs from "node:fs";
import process from "node:process";
import { knownBytes, TemporaryFolder } from "../support/files.ts";
import { itOnLinux } from "../support/platform.ts";
import { Server } from "./server.ts";

const OWN = process.versions.deno !== undefined ? "deno.ts" : process.versions.bun !== undefined ? "bun.ts" : "node.ts";
const SIZE = 1_000_003;
/** With holes: it takes no space. */
const BIG = 2 ** 30;

/** Asks again and again until the answer stays the same for a while. */
async function settled(ask: () => number): Promise<number> {
  let answer = ask();
  for (let same = 0; same < 15; same++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const next = ask();
    if (next - answer > 1000) same = 0; // a runtime reads a few bytes of its own now and then
    answer = next;
  }
  return answer;
}

for (const [name, example] of [["the runtime's own server", OWN], ["node:http", "node.ts"]]) {
  describe(`the file server by ${name}`, () => {
    let folder: TemporaryFolder;
    let server: Server;
    const content = knownBytes(SIZE);

    beforeAll(async () => {
      folder = new TemporaryFolder();
      fs.mkdirSync(folder.at("root/deep"), { recursive: true });
      folder.write("secret", "secret");
      folder.write("root/file", content);
      folder.write("root/deep/ä b%.txt", "odd");
      folder.write("root/empty", "");
      folder.fifo("root/fifo");
      fs.writeFileSync(folder.at("root/big"), "");
      fs.truncateSync(folder.at("root/big"), BIG);
      server = await Server.start(example, folder.at("root"));
    });

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });

    const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      fetch(server.url + path, { headers, method });
    const status = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
      const response = await get(path, headers, method);
      await response.arrayBuffer();
      return response.status;
    };

    it("gives whole files and ranges", async () => {
      const ranges: [string | undefined, number, number][] = [
        [undefined, 0, SIZE],
        ["bytes=0-0", 0, 1],
        ["bytes=777-200776", 777, 200_777],
        ["bytes=999999-", 999_999, SIZE],
        ["bytes=-10", SIZE - 10, SIZE],
        ["bytes=5-99999999", 5, SIZE],
        ["bytes=9-5", 0, SIZE], // no range: RFC 9110 has it ignored
        ["bytes=0-1,5-6", 0, SIZE], // several: the whole is a right answer
      ];
      for (const [range, start, end] of ranges) {
        const response = await get("file", range === undefined ? {} : { range });
        const bytes = new Uint8Array(await response.arrayBuffer());
        assertEquals(bytes.length, end - start, range);
        assert(bytes.every((byte, index) => byte === content[start + index]), range);
        const part = end - start < SIZE;
        assertEquals(response.status, part ? 206 : 200, range);
        assertEquals(response.headers.get("content-range"), part ? `bytes ${start}-${end - 1}/${SIZE}` : null);
      }
      const head = await get("file", {}, "HEAD");
      assertEquals([head.status, head.headers.get("content-length"), await head.text()], [200, String(SIZE), ""]);
      assertEquals(await (await get(`deep/${encodeURIComponent("ä b%.txt")}`)).text(), "odd");
      assertEquals(await (await get("empty")).text(), "");
    });

    it("gives nothing that was not asked for, and says so", async () => {
      const etag = (await get("file", {}, "HEAD")).headers.get("etag")!;
      assertEquals(await status("file", { "if-none-match": etag }), 304);
      assertEquals(await status("file", { range: "bytes=1-2", "if-range": etag }), 206);
      assertEquals(await status("file", { range: "bytes=1-2", "if-range": '"another"' }), 200);
      const beyond = await get("file", { range: `bytes=${SIZE}-` });
      await beyond.arrayBuffer();
      assertEquals([beyond.status, beyond.headers.get("content-range")], [416, `bytes */${SIZE}`]);
      assertEquals(await status("file", {}, "DELETE"), 405);
      for (const path of ["missing", "deep", "file/x", "fifo", "%2e%2e%2fsecret", "deep/..%2f..%2fsecret"]) {
        assertEquals(await status(path), 404, path);
      }
      for (const path of ["%00", "%ff"]) assertEquals(await status(path), 400, path);
    });

    it("gives many ranges at the same time", async () => {
      await Promise.all(Array.from({ length: 50 }, async (_, index) => {
        const start = index * 19_997, end = start + 20_001;
        const response = await get("file", { range: `bytes=${start}-${end - 1}` });
        assertEquals(new Uint8Array(await response.arrayBuffer()), content.subarray(start, Math.min(end, SIZE)));
      }));
    });

    itOnLinux("reads no further than a slow client has come, and closes the file when that one goes", async () => {
      const big = folder.at("root/big");
      const before = server.bytesRead();
      const socket = await server.send("GET /big HTTP/1.1");
      const ahead = await settled(() => server.bytesRead() - before);
      // what both sides of the connection buffer, the kernel's share by far the most
      assert(ahead > 0 && ahead < 64 << 20, `${ahead} bytes were read for a client that read nothing`);
      assertEquals(server.opened(big) > 0, true);
      let received = 0;
      socket.on("data", (data) => received += data.length).resume();
      while (received < 2 * ahead) await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
      while (server.opened(big) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      assert(server.bytesRead() - before < BIG, "all of it was read");
    });
  });
}
