/**
 * A file as a `ReadableStream` of bytes.
 *
 * The stream takes over the `ArrayBuffer` of what it is given, so it gets bytes of their own: of a pool buffer it would
 * take the whole mapping out of the pool.
 *
 * @module
 */

import { checkNames, checkSignal, namesOf } from "../queue/check.ts";
import { chunksOf } from "./chunks.ts";
import type { ChunkOptions, FileChunk } from "./chunks.ts";
import type { OpenFile } from "./open_file.ts";

/**
 * How a file is read as a stream.
 *
 * @example
 * ```ts
 * import { AioFile } from "@posix/aio";
 * import type { ReadableOptions } from "@posix/aio";
 *
 * await using file = await AioFile.open("README.md");
 * const options: ReadableOptions = { start: 2, end: 12 };
 * console.log(await new Response(file.readable(options)).text()); // @posix/aio
 * ```
 */
export type ReadableOptions = Omit<ChunkOptions, "order" | "copy">;

/** Streams that nobody holds any more: what they have read ahead goes back to the pool. */
const abandoned = new FinalizationRegistry<{
  readonly chunks: AsyncGenerator<FileChunk, void, void>;
  readonly cancelling: AbortController;
}>(({ chunks, cancelling }) => {
  cancelling.abort();
  chunks.return().catch(() => {});
});

const NAMES = namesOf("chunkBytes", "depth", "start", "end", "signal");

/**
 * A file as a byte stream.
 *
 * @param file The file.
 * @param options Which part, and in what pieces.
 * @returns The stream. It reads only when its reader asks, and then ahead.
 * @throws {TypeError | RangeError} If an option is wrong, or the file is closed.
 */
export function readableOf(file: OpenFile, options: ReadableOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cancelling = new AbortController();
  checkNames("options", options, NAMES);
  const given = checkSignal(options.signal);
  const signal = given === undefined ? cancelling.signal : AbortSignal.any([given, cancelling.signal]);
  const chunks = chunksOf(file, { ...options, order: "file", copy: true, signal });
  const source: UnderlyingByteSource = {
    type: "bytes",
    async pull(controller) {
      const step = await chunks.next();
      if (cancelling.signal.aborted) return;
      if (step.done !== true) return controller.enqueue(step.value.bytes);
      controller.close();
      controller.byobRequest?.respond(0); // a reader with a buffer of its own is waiting
    },
    async cancel(reason) {
      cancelling.abort(reason); // a read of a silent pipe would otherwise be waited for
      await chunks.return().catch(() => {});
    },
  };
  const stream = new ReadableStream(source) as ReadableStream<Uint8Array<ArrayBuffer>>;
  abandoned.register(stream, { chunks, cancelling });
  return stream;
}
