// The tests of tests/memory/arrays_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("memory/arrays_test.ts");
