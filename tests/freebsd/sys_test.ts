// POSIX' assertions, tests/sys, on FreeBSD: all in one process. Runs on Bun in short runs.

import { runOnFreebsd } from "./queue/same_tests.ts";

const GROUPS = ["aio_cancel", "aio_error", "aio_fsync", "aio_read", "aio_return", "aio_suspend", "aio_write"];
for (const group of [...GROUPS, "lio_listio", "notify", "safety"]) await runOnFreebsd(`sys/${group}_test.ts`);
