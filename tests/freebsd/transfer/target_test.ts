// The tests of tests/transfer/target_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/target_test.ts");
