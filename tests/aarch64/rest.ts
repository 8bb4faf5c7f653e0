/**
 * What `core.ts` leaves to the long run: the rest of the queue, files and copies. Not direct I/O: QEMU's statx(2) does not
 * say what it must be aligned to.
 *
 * @module
 */

import { run } from "./run.ts";

await run([
  ...["aio_suspend", "aio_write", "lio_listio", "notify", "safety"].map((name) => `sys/${name}_test.ts`),
  ...["requests", "iteration", "ending", "memory", "order"].map((name) => `queue/${name}_test.ts`),
  ...["open", "chunks", "streams", "transfer", "pipes"].map((name) => `file/${name}_test.ts`),
  ...["content", "target", "budget"].map((name) => `transfer/${name}_test.ts`),
]);
