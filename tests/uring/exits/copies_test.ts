// The tests of tests/exits/copies_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("exits/copies_test.ts");
