// The tests of tests/queue/many_reads_test.ts on FreeBSD, waiting in aio_suspend.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("queue/many_reads_test.ts", "suspend");
