/**
 * Serves a folder by `Bun.serve`: bun bun.ts FOLDER [PORT]
 *
 * @module
 */

import process from "node:process";
import { fileResponse } from "./file_response.ts";

/** What `@types/bun` declares. */
declare const Bun: {
  serve(options: { hostname: string; port: number; fetch(request: Request): Promise<Response> }): { url: URL };
};

const [folder = ".", port = "8000"] = process.argv.slice(2);

const { url } = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch: (request) => fileResponse(request, folder),
});
console.log(`Listening on ${url}`);
