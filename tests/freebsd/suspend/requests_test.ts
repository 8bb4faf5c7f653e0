// The tests of tests/queue/requests_test.ts on FreeBSD, waiting in aio_suspend. Runs on Bun in short runs.

import { runOnFreebsd } from "../queue/same_tests.ts";

await runOnFreebsd("queue/requests_test.ts", "suspend");
