// The tests of tests/hazards/reentrant_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/reentrant_test.ts");
