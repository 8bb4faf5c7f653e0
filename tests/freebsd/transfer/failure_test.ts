// The tests of tests/transfer/failure_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/failure_test.ts");
