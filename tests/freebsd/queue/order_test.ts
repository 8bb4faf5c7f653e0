// The tests of tests/queue/order_test.ts on FreeBSD. Runs on Bun in short runs.

import { runOnFreebsd } from "./same_tests.ts";

await runOnFreebsd("queue/order_test.ts");
