// The tests of tests/exits/copies_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("exits/copies_test.ts");
