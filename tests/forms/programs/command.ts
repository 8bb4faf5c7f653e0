/**
 * The command as a part of another program, in a format that has no `import.meta`.
 *
 * @module
 */

import process from "node:process";
import { main } from "../../../cli.ts";

main(process.argv.slice(2)).then((status) => process.exitCode = status);
