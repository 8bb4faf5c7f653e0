// The tests of tests/queue/requests_test.ts on FreeBSD.

import { isReal, reason } from "../choose.ts";

if (isReal || reason === undefined) await import("../../queue/requests_test.ts");
