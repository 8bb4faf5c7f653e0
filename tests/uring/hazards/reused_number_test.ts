// The tests of tests/hazards/reused_number_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/reused_number_test.ts");
