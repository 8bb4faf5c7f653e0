// The tests of tests/transfer/failure_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("transfer/failure_test.ts");
