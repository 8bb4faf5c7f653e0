// The tests of tests/hazards/reentrant_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/reentrant_test.ts");
