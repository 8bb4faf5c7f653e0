// The tests of tests/queue/diagnostics_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/diagnostics_test.ts");
