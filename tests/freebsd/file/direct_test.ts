// The tests of tests/file/direct_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/direct_test.ts");
