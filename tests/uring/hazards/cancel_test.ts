// The tests of tests/hazards/cancel_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/cancel_test.ts");
