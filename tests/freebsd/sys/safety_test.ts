// The tests of tests/sys/safety_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/safety_test.ts");
