// The tests of tests/queue/position_test.ts on FreeBSD, where the kernel itself keeps the position.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/position_test.ts");
