// The tests of tests/cli/copy_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("cli/copy_test.ts");
