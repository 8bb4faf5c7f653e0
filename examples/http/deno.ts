/**
 * Serves a folder by `Deno.serve`: deno run --allow-ffi --allow-net --allow-read=FOLDER deno.ts FOLDER [PORT]
 *
 * @module
 */

import { fileResponse } from "./file_response.ts";

const [folder = ".", port = "8000"] = Deno.args;

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen: ({ port }) => console.log(`Listening on http://127.0.0.1:${port}/`),
}, (request) => fileResponse(request, folder));
