// Silent pipes on FreeBSD, waiting in the best way there is. Runs on Bun in short runs.

import { testGate } from "../gate_tests.ts";

await testGate("auto");
