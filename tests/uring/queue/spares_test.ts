// The tests of tests/queue/spares_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("queue/spares_test.ts");
