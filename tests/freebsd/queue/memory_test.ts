// The tests of tests/queue/memory_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/memory_test.ts");
