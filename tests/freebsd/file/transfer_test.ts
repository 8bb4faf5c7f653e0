// The tests of tests/file/transfer_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("file/transfer_test.ts");
