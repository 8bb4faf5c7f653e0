// The tests of tests/sys/aio_error_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("sys/aio_error_test.ts");
