// The tests of tests/transfer/content_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("transfer/content_test.ts");
