// The tests of tests/properties/copy_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("properties/copy_test.ts");
