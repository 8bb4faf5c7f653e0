// The tests of tests/queue/many_reads_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/many_reads_test.ts");
