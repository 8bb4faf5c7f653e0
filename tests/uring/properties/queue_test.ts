// The tests of tests/properties/queue_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("properties/queue_test.ts");
