// The tests of tests/transfer/kill_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/kill_test.ts");
