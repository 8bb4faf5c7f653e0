// The tests of tests/transfer/failure_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("transfer/failure_test.ts");
