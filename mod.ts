/**
 * POSIX asynchronous I/O for Deno, Bun and Node: real queue depth on files, without a native add-on.
 *
 * {@linkcode AioQueue} takes many requests at once and brings their completions as promises, one by one, or in batches.
 * {@linkcode AioFile} is an opened file: complete reads and writes, chunks with read-ahead, Web Streams, direct I/O.
 * The C interface itself, name for name, is in `@posix/aio/sys`.
 *
 * ```sh
 * deno add jsr:@posix/aio    # or: npx jsr add @posix/aio, bunx jsr add @posix/aio
 * ```
 *
 * Reads through a queue, a file in chunks, and a copy that is whole or not there; Deno asks for `--allow-ffi` besides the
 * files' permissions:
 *
 * ```ts
 * import { AioFile, AioQueue, copy } from "@posix/aio";
 * import { closeSync, openSync } from "node:fs";
 * import { tmpdir } from "node:os";
 *
 * await using queue = new AioQueue({ depth: 64 });
 * const fd = openSync("/etc/passwd", "r");
 * const { bytes, buffer } = await queue.read(fd, { offset: 0, length: 4096 });
 * console.log(bytes, buffer.length);
 * closeSync(fd);
 *
 * await using file = await AioFile.open("/etc/passwd");
 * for await (const { offset, bytes } of file.chunks()) console.log(offset, bytes.length);
 *
 * const { method, milliseconds } = await copy("/etc/passwd", `${tmpdir()}/posix-aio-copy`);
 * console.log(method, milliseconds);
 * ```
 *
 * @module
 */

export { AioError } from "./ffi/errno.ts";
export type { AioErrorOptions } from "./ffi/errno.ts";
export type { ChunkOptions, FileChunk } from "./file/chunks.ts";
export type { EngineName } from "./engine/engine_name.ts";
export { AioFile } from "./file/file.ts";
export type { TextOptions, WholeOptions } from "./file/options.ts";
export type { AioFileOptions } from "./file/open.ts";
export type { ReadableOptions } from "./file/readable.ts";
export type { WritableOptions } from "./file/writable.ts";
export { PoolBuffer } from "./engine/pool_buffer.ts";
export { BufferPool } from "./queue/buffers.ts";
export { AioQueue } from "./queue/queue.ts";
export type { AioQueueOptions, BatchOptions, CancelFilter, CloseOptions } from "./queue/options.ts";
export type {
  AioRequest,
  AioResult,
  AioVectorResult,
  Bytes,
  Completion,
  DescriptorLike,
  ReadOptions,
  RequestOp,
  RequestOptions,
  SyncOptions,
  WriteOptions,
} from "./queue/request.ts";
export type { QueueStats } from "./queue/stats.ts";
export type { RequestTrace } from "./queue/tracing.ts";
export { copy } from "./transfer/copy.ts";
export type { CopyResult } from "./transfer/single/result.ts";
export { copyMany } from "./transfer/copy_many.ts";
export type { CopyPair } from "./transfer/tree/pair.ts";
export { copyTree } from "./transfer/copy_tree.ts";
export type { Overwrite, TreeOptions } from "./transfer/tree/tree_options.ts";
export type { TreeAction, TreeResult } from "./transfer/tree/item.ts";
export type { EntryKind } from "./transfer/tree/entry.ts";
export type { TreeProgress, TreeSummary } from "./transfer/tree/progress.ts";
export { Transfer } from "./transfer/tree/results.ts";
export { hash, verify } from "./transfer/hash.ts";
export type { HashOptions, HashResult, HashSummary, VerifyOptions } from "./transfer/hash_options.ts";
export { formatManifestLine, parseManifest } from "./transfer/sums/manifest.ts";
export type { ManifestEntry, ManifestError } from "./transfer/sums/manifest.ts";
export { checkShard, shardOf } from "./transfer/shard.ts";
export type { Shard } from "./transfer/shard.ts";
export type { CopyOptions, PreserveOptions } from "./transfer/options.ts";
export type { CopyMethod, CopyProgress } from "./transfer/single/progress.ts";
