// The tests of tests/queue/memory_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/memory_test.ts");
