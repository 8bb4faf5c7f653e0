// The tests of tests/transfer/kill_test.ts on FreeBSD, with fewer kills: the copies are the same, what is beneath differs. Runs on Bun in short runs.

import process from "node:process";
import { runOnFreebsd } from "../queue/same_tests.ts";

process.env.AIO_TEST_KILLS = "5";
await runOnFreebsd("transfer/kill_test.ts");
