// The tests of tests/transfer/budget_test.ts on FreeBSD. Runs alone: it measures time.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/budget_test.ts");
