// The tests of tests/properties/queue_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("properties/queue_test.ts");
