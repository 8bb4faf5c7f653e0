// The tests of tests/sys/aio_write_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/aio_write_test.ts");
