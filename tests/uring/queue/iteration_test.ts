// The tests of tests/queue/iteration_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/iteration_test.ts");
