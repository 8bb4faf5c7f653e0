// The tests of tests/queue/memory_test.ts on FreeBSD, waiting in aio_suspend. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("queue/memory_test.ts", "suspend");
