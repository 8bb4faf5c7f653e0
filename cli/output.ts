/**
 * What a command prints: results on standard output, messages on standard error. A reader that goes away ends the printing,
 * not the command; any other failure to print makes the command fail.
 *
 * @module
 */

import fs from "node:fs";
import { paint } from "./color.ts";
import { visible } from "./quote.ts";

/** How long to wait for a pipe to have room again, in milliseconds. */
const WAIT_MS = 5;

let gone = false;
let failure: Error | undefined;
let toErrors = false;

/**
 * Sends results to standard error from now on: standard output is what data goes to.
 */
export function resultsToErrors(): void {
  toErrors = true;
}

/**
 * Prints results.
 *
 * @param text One or more lines; bytes where names in them are no UTF-8.
 */
export function print(text: string | Uint8Array): void {
  if (gone || failure !== undefined) return;
  try {
    writeAll(toErrors ? 2 : 1, text);
  } catch (error) {
    if ((error as { code?: string }).code === "EPIPE") gone = true;
    else failure = error as Error;
  }
}

/**
 * Prints a message for people, on standard error.
 *
 * @param message The message, without the program's name.
 */
export function complain(message: string): void {
  try {
    writeAll(2, `${paint(2, "bad", "aio:")} ${visible(message)}\n`);
  } catch {
    // nobody is there to be told
  }
}

/**
 * Says that the command line is wrong.
 *
 * @param message What is wrong with it.
 * @param name The command whose help tells more, with a space after it; empty for all of them.
 */
export function complainOfUsage(message: string, name: string): void {
  complain(message);
  try {
    writeAll(2, `Try "aio ${name}--help".\n`);
  } catch {
    // nobody is there to be told
  }
}

/**
 * What printing adds to the exit status.
 *
 * @param status The command's own.
 * @returns It, or 1 if results could not be printed.
 */
export function statusAfterPrinting(status: number): number {
  if (failure === undefined) return status;
  complain(`cannot write the results: ${failure.message}`);
  return status === 0 ? 1 : status;
}

function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
