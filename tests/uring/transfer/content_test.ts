// The tests of tests/transfer/content_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("transfer/content_test.ts");
