// The tests of tests/exits/process_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("exits/process_test.ts");
