// The tests of tests/file/chunks_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/chunks_test.ts");
