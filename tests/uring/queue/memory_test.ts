// The tests of tests/queue/memory_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/memory_test.ts");
