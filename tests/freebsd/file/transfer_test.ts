// The tests of tests/file/transfer_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/transfer_test.ts");
