// The tests of tests/queue/many_reads_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/many_reads_test.ts");
