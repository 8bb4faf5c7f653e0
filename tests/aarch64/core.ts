/**
 * The tests that an emulated aarch64 processor runs in one process, since starting a runtime takes the emulator seconds:
 * layouts, numbers, the C interface and, where it is fast enough, the queue. `rest.ts` has the others.
 *
 * @module
 */

import process from "node:process";
import { run } from "./run.ts";

const STRUCTS = ["structs_test.ts", "layout_test.ts", "abi_test.ts"];
const SYS = ["cancel", "error", "fsync", "read", "return", "suspend", "write"].map((name) => `sys/aio_${name}_test.ts`);
const QUEUE = ["requests", "iteration", "position", "ending"].map((name) => `queue/${name}_test.ts`);

// Node takes the emulator four times as long as Bun
await run(
  process.versions.bun !== undefined
    ? [
      ...STRUCTS,
      ...SYS,
      "sys/lio_listio_test.ts",
      "sys/notify_test.ts",
      "sys/safety_test.ts",
      ...QUEUE,
      "uring/ring_test.ts",
    ]
    : [...STRUCTS, ...SYS.slice(0, 5), "queue/position_test.ts", "uring/ring_test.ts"],
);
