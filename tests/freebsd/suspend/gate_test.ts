// Silent pipes on FreeBSD, waiting in aio_suspend.

import { testGate } from "../gate_tests.ts";

await testGate("suspend");
