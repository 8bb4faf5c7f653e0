// The tests of tests/transfer/small_blocks_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("transfer/small_blocks_test.ts");
