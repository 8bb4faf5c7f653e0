// The tests of tests/hazards/reused_number_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/reused_number_test.ts");
