// The tests of tests/properties/segments_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("properties/segments_test.ts");
