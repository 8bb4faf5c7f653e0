// The tests of tests/file/streams_test.ts on FreeBSD.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/streams_test.ts");
