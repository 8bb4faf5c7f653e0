/**
 * Answers HTTP requests with files, whole or in ranges (RFC 9110). A file is read a little ahead of its client and no
 * further: one that reads slowly costs half a megabyte, however big the file is.
 *
 * @module
 */

import { AioError, AioFile, AioQueue } from "@posix/aio";
import { constants } from "node:fs";
import path from "node:path";

/** One queue for all requests. */
const queue = new AioQueue({ depth: 256 });

/** A FIFO would otherwise wait for who writes into it. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

const STATUS: Readonly<Record<string, number>> = { ENOENT: 404, ENOTDIR: 404, EISDIR: 404, EACCES: 403 };

/**
 * Answers a request.
 *
 * @param request What is asked for.
 * @param root The folder of the files; links in it are followed.
 * @returns The answer. Its body has the file open until it is read to its end or cancelled.
 */
export async function fileResponse(request: Request, root: string): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return answer(405, { allow: "GET, HEAD" });
  let file: AioFile;
  try {
    const name = decodeURIComponent(new URL(request.url).pathname);
    file = await AioFile.open(path.join(root, path.normalize(`/${name}`)), { flags, queue });
  } catch (error) {
    return answer(error instanceof AioError ? STATUS[error.code] ?? 500 : 400); // else the name is none
  }
  try {
    const { status, headers, start, end } = await choose(file, request.headers);
    if (status >= 300 || request.method === "HEAD") {
      await file.close();
      return new Response(null, { status, headers });
    }
    return new Response(bodyOf(file, start, end), { status, headers });
  } catch (error) {
    await file.close();
    throw error;
  }
}

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(`${status}\n`, { status, headers });
}

interface Choice {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** The first byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Which part of a file is asked for, and what is said of it. */
async function choose(file: AioFile, asked: Headers): Promise<Choice> {
  const stat = await file.stat();
  if (!stat.isFile()) return { status: 404, headers: {}, start: 0, end: 0 };
  const size = Number(stat.size);
  const etag = `"${size.toString(16)}-${Number(stat.mtimeMs).toString(16)}"`;
  const known = { etag, "accept-ranges": "bytes" };
  if (asked.get("if-none-match") === etag) return { status: 304, headers: known, start: 0, end: 0 };

  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(asked.get("range") ?? "") ?? [];
  const applies = (asked.get("if-range") ?? etag) === etag;
  if (first === undefined || !applies || first + last === "" || first !== "" && last !== "" && +first > +last) {
    return { status: 200, headers: { ...known, "content-length": `${size}` }, start: 0, end: size };
  }
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= end) return { status: 416, headers: { ...known, "content-range": `bytes */${size}` }, start: 0, end: 0 };
  const range = `bytes ${start}-${end - 1}/${size}`;
  return { status: 206, headers: { ...known, "content-range": range, "content-length": `${end - start}` }, start, end };
}

/** A part of a file as a stream, which closes the file in the end. */
function bodyOf(file: AioFile, start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = file.chunks({ start, end, chunkBytes: 128 << 10, copy: true });
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next().catch(async (error) => {
        await file.close();
        throw error;
      });
      if (!done) return controller.enqueue(value.bytes);
      await file.close();
      controller.close();
    },
    async cancel() {
      await chunks.return();
      await file.close();
    },
  }, { highWaterMark: 0 });
}
