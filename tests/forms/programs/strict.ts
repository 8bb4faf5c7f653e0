/**
 * What a program with the strictest options may write: every option that may be left out may be `undefined` too. It is only
 * looked at by the compiler, never run.
 *
 * @module
 */

import { AioError, AioFile, AioQueue, copy, copyMany, copyTree, hash, verify } from "../../../mod.ts";
import type {
  AioErrorOptions,
  AioFileOptions,
  AioQueueOptions,
  BatchOptions,
  ChunkOptions,
  CloseOptions,
  CopyOptions,
  HashOptions,
  PreserveOptions,
  ReadableOptions,
  ReadOptions,
  RequestOptions,
  SyncOptions,
  TextOptions,
  TreeOptions,
  VerifyOptions,
  WholeOptions,
  WritableOptions,
  WriteOptions,
} from "../../../mod.ts";
import { aio_init, Aiocb, lio_listio } from "../../../sys.ts";
import type { AiocbMembers, Aioinit, KeventChange, SigeventMembers } from "../../../sys.ts";

/** Every option there, and `undefined`; `true` where the type takes that. */
type TakesUndefined<Options> = { readonly [Name in keyof Options]-?: undefined } extends Options ? true : never;

/** One `true` for each kind of options. */
export const taken: readonly true[] = [
  true satisfies TakesUndefined<AioErrorOptions>,
  true satisfies TakesUndefined<AioFileOptions>,
  true satisfies TakesUndefined<AioQueueOptions>,
  true satisfies TakesUndefined<BatchOptions>,
  true satisfies TakesUndefined<ChunkOptions>,
  true satisfies TakesUndefined<CloseOptions>,
  true satisfies TakesUndefined<CopyOptions>,
  true satisfies TakesUndefined<HashOptions>,
  true satisfies TakesUndefined<PreserveOptions>,
  true satisfies TakesUndefined<ReadableOptions>,
  true satisfies TakesUndefined<ReadOptions>,
  true satisfies TakesUndefined<RequestOptions>,
  true satisfies TakesUndefined<SyncOptions>,
  true satisfies TakesUndefined<TextOptions>,
  true satisfies TakesUndefined<TreeOptions>,
  true satisfies TakesUndefined<VerifyOptions>,
  true satisfies TakesUndefined<WholeOptions>,
  true satisfies TakesUndefined<WritableOptions>,
  true satisfies TakesUndefined<WriteOptions>,
  true satisfies TakesUndefined<AiocbMembers>,
  true satisfies TakesUndefined<Aioinit>,
  true satisfies TakesUndefined<KeventChange>,
  true satisfies TakesUndefined<SigeventMembers>,
];

/** Values that a caller may not have. */
export interface Perhaps {
  readonly signal?: AbortSignal;
  readonly sync?: boolean;
  readonly depth?: number;
  readonly threads?: number;
}

/** Hands on what it may not have. */
export async function perhaps({ signal, sync, depth, threads }: Perhaps): Promise<void> {
  await copy("a", "b", { signal, sync, depth });
  await copyTree("a", "b", { signal, depth }).summary;
  await copyMany([{ source: "a", target: "b" }], { signal, depth }).summary;
  for await (const { digest } of hash("a", { signal })) console.log(digest);
  for await (const { path } of verify("a", { signal })) console.log(path);
  await using queue = new AioQueue({ depth, threads });
  const { bytes, buffer } = await queue.read(0, { offset: 0, length: 1, signal });
  await using file = await AioFile.open("a", { depth });
  await file.write(buffer, { offset: bytes, signal });
  for await (const chunk of file.chunks({ depth, signal })) console.log(chunk.offset);
  aio_init({ aio_threads: threads });
  lio_listio(0, [new Aiocb({ aio_offset: depth })], { sigev_signo: threads });
  throw new AioError("copy", "EIO", "", { bytes: depth });
}
