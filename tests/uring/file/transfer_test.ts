// The tests of tests/file/transfer_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/transfer_test.ts");
