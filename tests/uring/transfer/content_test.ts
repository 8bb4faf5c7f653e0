// The tests of tests/transfer/content_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("transfer/content_test.ts");
