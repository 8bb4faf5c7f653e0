// The tests of tests/queue/iteration_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/iteration_test.ts");
