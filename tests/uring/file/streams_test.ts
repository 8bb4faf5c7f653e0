// The tests of tests/file/streams_test.ts on io_uring.

import { runOnUring } from "../on_uring.ts";

await runOnUring("file/streams_test.ts");
