// The tests of tests/exits/worker_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("exits/worker_test.ts");
