// What reads of 4 KiB leave for the garbage collector: of a queue ("queue"), or made up without any I/O ("bare"), with the
// same requests from the caller and the same promises, results and completions for it. Prints how many bytes were
// allocated for each request, as V8 counts them; writes "begin" and "end" to standard error around what is counted.

import fs from "node:fs";
import process from "node:process";
import v8 from "node:v8";
import { AioQueue } from "../../../mod.ts";
import type { AioRequest, AioResult, Completion } from "../../../mod.ts";

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const BLOCK = 4096;
const BLOCKS = 256;
/** Completions of a batch that is made up. */
const BATCH = 24;

const [path, what, style, depthText, requestsText] = process.argv.slice(2);
const depth = Number(depthText);
const total = Number(requestsText);
const fd = fs.openSync(path, "r");
const queue = new AioQueue({ depth });
const content = new Uint8Array(BLOCK);

/** Another block each time, without the number that `Math.random` would leave. */
let block = 0;
function nextOffset(): number {
  block = (block + 97) % BLOCKS;
  return block * BLOCK;
}

/** Reads that are made up, to be answered in the next turn. */
const asked: Uint8Array[] = [];
const answers: ((result: AioResult) => void)[] = [];
let count = 0;
const keep = (resolve: (result: AioResult) => void) => answers[count] = resolve;

function answer(): void {
  const until = count;
  count = 0;
  for (let index = 0; index < until; index++) {
    answers[index]({ bytes: BLOCK, buffer: style === "fresh" ? content.slice() : asked[index] });
  }
}

function makeUp(buffer: Uint8Array): Promise<AioResult> {
  if (count === 0) setImmediate(answer);
  const promise = new Promise<AioResult>(keep);
  asked[count++] = buffer;
  return promise;
}

/** A promise for each read. */
async function promises(requests: number): Promise<void> {
  let left = requests;
  await Promise.all(
    buffers.slice(0, depth).map(async (buffer) => {
      const options = style === "fresh" ? { offset: 0, length: BLOCK } : { offset: 0, buffer };
      while (left-- > 0) {
        options.offset = nextOffset();
        await (what === "queue" ? queue.read(fd, options) : makeUp(buffer));
      }
    }),
  );
}

const buffers = Array.from({ length: 3 * depth }, () => {
  return style === "own" ? new Uint8Array(BLOCK) : queue.buffers.take(BLOCK).bytes;
});
/** The caller's requests, used again and again. */
const own = buffers.map((buffer, tag) => ({ op: "read", fd, offset: 0, buffer, tag }) as Mutable<AioRequest>);
const free = buffers.map((_, index) => index);

function* ask(requests: number): Generator<AioRequest> {
  for (let left = requests; left > 0; left--) {
    const request = own[free.pop()!];
    request.offset = nextOffset();
    yield request;
  }
}

async function* madeUp(requests: number): AsyncGenerator<Completion[]> {
  const source = ask(requests);
  for (let done = false; !done;) {
    const batch = new Array<Completion>(BATCH);
    for (let index = 0; index < BATCH; index++) {
      const step = source.next();
      if (step.done === true) {
        batch.length = index;
        done = true;
        break;
      }
      const { tag, op, fd, offset, buffer } = step.value as AioRequest & { offset: number; buffer: Uint8Array };
      batch[index] = { tag, op, fd: fd as number, offset, bytes: BLOCK, buffer, buffers: null, error: undefined };
    }
    await makeUp(content);
    yield batch;
  }
}

/** The batch iterator. */
async function batches(requests: number): Promise<void> {
  if (what === "queue") queue.submit(ask(requests));
  for await (const batch of what === "queue" ? queue.batches() : madeUp(requests)) {
    for (let index = 0; index < batch.length; index++) free.push(batch[index].tag as number);
  }
}

const allocated = () => (v8.getHeapStatistics() as unknown as { total_allocated_bytes: number }).total_allocated_bytes;
const run = style === "batches" ? batches : promises;
await run(total / 2); // compiled from here on
(globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
fs.writeSync(2, "begin\n");
const before = allocated();
await run(total);
console.log((allocated() - before) / total);
fs.writeSync(2, "end\n");
await queue.close();
