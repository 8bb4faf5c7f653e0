// The tests of tests/queue/waiting_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/waiting_test.ts");
