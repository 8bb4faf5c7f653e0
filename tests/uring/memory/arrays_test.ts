// The tests of tests/memory/arrays_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("memory/arrays_test.ts");
