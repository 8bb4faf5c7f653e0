// Silent pipes on FreeBSD, waiting in the best way there is.

import { testGate } from "../gate_tests.ts";

await testGate("auto");
