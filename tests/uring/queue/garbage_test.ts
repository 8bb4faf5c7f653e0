// The tests of tests/queue/garbage_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/garbage_test.ts");
