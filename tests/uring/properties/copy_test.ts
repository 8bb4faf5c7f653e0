// The tests of tests/properties/copy_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("properties/copy_test.ts");
