// The tests of tests/queue/position_test.ts on FreeBSD 13, which lacks aio_read2 and aio_write2. Runs on Bun in short runs.

import "../release_13.ts";
import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/position_test.ts");
