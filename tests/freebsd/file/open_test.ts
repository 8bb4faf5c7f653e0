// The tests of tests/file/open_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/open_test.ts");
