// The tests of tests/queue/requests_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/requests_test.ts");
