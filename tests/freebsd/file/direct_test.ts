// The tests of tests/file/direct_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/direct_test.ts");
