// The tests of tests/queue/waiting_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/waiting_test.ts");
