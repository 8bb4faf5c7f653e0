// The tests of tests/sys/notify_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/notify_test.ts");
