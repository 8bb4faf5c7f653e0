// The tests of tests/faults/disk_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("faults/disk_test.ts");
