// The tests of tests/hazards/kinds_of_files_test.ts on io_uring. Runs on Bun in short runs.

import { runOnUring } from "../on_uring.ts";

await runOnUring("hazards/kinds_of_files_test.ts");
