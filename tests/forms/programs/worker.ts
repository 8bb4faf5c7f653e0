/**
 * The Worker of main.ts.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { work } from "./work.ts";

work(workerData as string).then(
  () => parentPort!.postMessage("done"),
  (error) => parentPort!.postMessage(String(error)),
);
