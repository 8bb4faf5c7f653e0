// The tests of tests/file/pipes_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/pipes_test.ts");
