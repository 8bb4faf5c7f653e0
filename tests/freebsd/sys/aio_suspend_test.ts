// The tests of tests/sys/aio_suspend_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/aio_suspend_test.ts");
