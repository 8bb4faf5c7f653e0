/**
 * Serves a folder by `node:http`: node node.ts FOLDER [PORT]
 *
 * @module
 */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileResponse } from "./file_response.ts";

const [folder = ".", port = "8000"] = process.argv.slice(2);

async function handle(
  { method, url = "/", headersDistinct }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const headers = Object.entries(headersDistinct).map(([name, values]): [string, string] => [name, values!.join()]);
  const request = new Request(new URL(url, "http://localhost"), { method: method!, headers });
  const response = await fileResponse(request, folder);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
}

const server = createServer((incoming, outgoing) => {
  handle(incoming, outgoing).catch(() => outgoing.destroy()); // the client has gone, or the file could not be read on
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
