// The tests of tests/hazards/limits_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/limits_test.ts");
