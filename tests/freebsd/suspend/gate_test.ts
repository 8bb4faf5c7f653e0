// Silent pipes on FreeBSD, waiting in aio_suspend. Runs on Bun in short runs.

import { testGate } from "../gate_tests.ts";

await testGate("suspend");
