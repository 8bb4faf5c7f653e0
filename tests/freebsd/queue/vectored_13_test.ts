// The tests of vectored_test.ts on FreeBSD 13, whose lio_listio takes no vectored requests. Runs on Bun in short runs.

import "../release_13.ts";

await import("./vectored_test.ts");
