// The tests of tests/transfer/budget_test.ts on FreeBSD. Runs alone: it measures time. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/budget_test.ts");
