// The tests of tests/transfer/target_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/target_test.ts");
