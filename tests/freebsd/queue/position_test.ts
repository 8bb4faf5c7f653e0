// The tests of tests/queue/position_test.ts on FreeBSD, where the kernel itself keeps the position. Runs on Bun in short runs.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/position_test.ts");
