// The tests of tests/transfer/content_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/content_test.ts");
