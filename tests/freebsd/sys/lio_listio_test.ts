// The tests of tests/sys/lio_listio_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/lio_listio_test.ts");
