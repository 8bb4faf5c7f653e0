// The tests of tests/file/direct_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/direct_test.ts");
