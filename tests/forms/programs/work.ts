/**
 * What a program does with this package, and each thread that the package starts for it: a queue's waiter, the kernel's
 * copies, small files of a tree.
 *
 * @module
 */

import { AioFile, AioQueue, copy, copyTree, hash } from "../../../mod.ts";
import { aio_error, aio_read, aio_return, aio_suspend, Aiocb, allocate } from "../../../sys.ts";
import fs from "node:fs";
import path from "node:path";

const BLOCKS = 64;

/** Throws unless something is so. */
function check(what: string, so: boolean): void {
  if (!so) throw new Error(`Wrong: ${what}`);
}

async function useQueue(file: string): Promise<void> {
  const fd = fs.openSync(file, "r+");
  await using queue = new AioQueue({ depth: 16, engine: "posix" });
  const { bytes } = await queue.write(fd, new Uint8Array(BLOCKS * 512).fill(7), { offset: 0 });
  check("bytes written", bytes === BLOCKS * 512);
  queue.submit(
    Array.from({ length: BLOCKS }, (_, tag) => ({ op: "read", fd, offset: tag * 512, length: 512, tag } as const)),
  );
  let count = 0;
  for await (const batch of queue.batches()) count += batch.filter((one) => one.bytes === 512).length;
  check("reads", count === BLOCKS);
  await queue.sync(fd);
  fs.closeSync(fd);
}

function useCInterface(file: string): void {
  using buffer = allocate(100);
  using cb = new Aiocb({ aio_fildes: fs.openSync(file, "r"), aio_buf: buffer, aio_nbytes: buffer.length });
  aio_read(cb);
  aio_suspend([cb], { tv_sec: 10, tv_nsec: 0 });
  check("aio_error", aio_error(cb) === 0);
  check("aio_return", aio_return(cb) === 100 && buffer[99] === 7);
  fs.closeSync(cb.aio_fildes);
}

async function useCopies(folder: string, file: string): Promise<void> {
  for (const method of ["kernel", "aio", "auto"] as const) {
    const target = path.join(folder, `copy-${method}`);
    const copied = await copy(file, target, { method });
    check(`copy by ${method}`, copied.bytes === BLOCKS * 512 && fs.readFileSync(target).equals(fs.readFileSync(file)));
  }
  const tree = path.join(folder, "tree");
  fs.mkdirSync(path.join(tree, "inner"), { recursive: true });
  for (let index = 0; index < 20; index++) fs.writeFileSync(path.join(tree, "inner", `${index}`), `content ${index}`);
  const { files, failed } = await copyTree(tree, path.join(folder, "tree-copy")).summary;
  check("a tree", files === 20 && failed === 0);
  let digests = 0;
  for await (const { digest } of hash(path.join(folder, "tree-copy"))) digests += digest?.length === 64 ? 1 : 0;
  check("digests", digests === 20);
}

/**
 * Uses queue, files, copies and the C interface once each.
 *
 * @param folder An empty folder.
 * @throws {Error} If something is not as it should be.
 */
export async function work(folder: string): Promise<void> {
  const file = path.join(folder, "file");
  fs.writeFileSync(file, "");
  await useQueue(file);
  useCInterface(file);
  {
    await using opened = await AioFile.open(file);
    let bytes = 0;
    for await (const chunk of opened.chunks()) bytes += chunk.bytes.length;
    check("chunks", bytes === BLOCKS * 512);
  }
  await useCopies(folder, file);
}
