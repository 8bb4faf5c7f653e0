// The tests of tests/queue/diagnostics_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/diagnostics_test.ts");
