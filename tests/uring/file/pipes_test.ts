// The tests of tests/file/pipes_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/pipes_test.ts");
