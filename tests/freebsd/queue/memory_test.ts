// The tests of tests/queue/memory_test.ts on FreeBSD.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/memory_test.ts");
