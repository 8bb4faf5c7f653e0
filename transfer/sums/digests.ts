/**
 * Digests of many files on all processors: the files threads read and compute, small files many with a message, and what
 * comes back is handed on in the order in which it was asked for.
 *
 * @module
 */

import type { FileOutcome, FilePath } from "../../ffi/files_thread.ts";
import { filesThread, threadCount } from "../threads/files_threads.ts";

/** What goes to a thread at a time. */
const BATCH_FILES = 32;
const BATCH_BYTES = 1 << 22;

/** Messages that may be under way: each thread has one waiting. */
const BATCHES_EACH = 2;

/** A file whose digest is wanted. */
export interface Wanted {
  readonly source: FilePath;
  readonly size: number;
  readonly algorithm: string;
}

/** Its digest, or why there is none. */
export interface Digested<File> {
  readonly file: File;
  readonly outcome: FileOutcome;
}

/**
 * Computes digests.
 *
 * @param files The files, pulled as there is room.
 * @param halt A word that is not 0 when it is to end.
 * @returns Their digests, in their order.
 */
export async function* digests<File extends Wanted>(
  files: AsyncIterable<File>,
  halt: SharedArrayBuffer,
): AsyncGenerator<Digested<File>, void, void> {
  const underWay: Promise<Digested<File>[]>[] = [];
  let batch: File[] = [];
  let bytes = 0;
  const send = () => {
    const sent = batch;
    const { algorithm } = sent[0];
    batch = [];
    bytes = 0;
    const asked = filesThread().call({ kind: "digests", files: sent.map(({ source }) => source), algorithm, halt })
      .then(({ outcomes }) => sent.map((file, index) => ({ file, outcome: outcomes![index] })));
    asked.catch(() => {}); // told when its turn comes
    underWay.push(asked);
  };
  for await (const file of files) {
    if (batch.length > 0 && (batch[0].algorithm !== file.algorithm || bytes + file.size > BATCH_BYTES)) send();
    batch.push(file);
    bytes += file.size;
    if (batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) send();
    while (underWay.length > threadCount() * BATCHES_EACH) yield* await underWay.shift()!;
  }
  if (batch.length > 0) send();
  for (let asked = underWay.shift(); asked !== undefined; asked = underWay.shift()) yield* await asked;
}
