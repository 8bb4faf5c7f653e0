// The aio command on FreeBSD; for tests that run it in a process of its own. STAND_IN_RELEASE chooses the release,
// STAND_IN_FAIL the error number with which the first request ends.

import process from "node:process";

const { STAND_IN_RELEASE, STAND_IN_FAIL } = process.env;
if (STAND_IN_RELEASE) (globalThis as { standInRelease?: number }).standInRelease = Number(STAND_IN_RELEASE);
await import("./choose.ts");
if (STAND_IN_FAIL) {
  const { door } = await import("../../ffi/door.ts");
  const { libc } = await import("../../ffi/libc.ts");
  const FAIL_NEXT = 2;
  const signature = { result: "i32", parameters: ["i32", "i32"] } as const;
  door().open(libc().library).bind("stand_in_control", signature)!(FAIL_NEXT, Number(STAND_IN_FAIL));
}
const { run } = await import("../../cli/commands.ts");
process.exitCode = await run(process.argv.slice(2));
