// The tests of tests/queue/order_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/order_test.ts");
