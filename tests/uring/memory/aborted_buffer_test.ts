// The tests of tests/memory/aborted_buffer_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("memory/aborted_buffer_test.ts");
