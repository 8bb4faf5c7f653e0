/**
 * Environment variables, read without a question: Deno would ask on a terminal, in the middle of a program, for a variable
 * that only changes how something looks.
 *
 * @module
 */

import process from "node:process";

/** The part of Deno's interface that tells permissions. */
interface Permissions {
  readonly permissions?: { querySync(descriptor: { name: "env"; variable: string }): { readonly state: string } };
}

/**
 * Reads a variable.
 *
 * @param name Its name.
 * @returns Its value; `undefined` if there is none, or if a sandbox keeps it.
 */
export function environmentVariable(name: string): string | undefined {
  const { Deno } = globalThis as { Deno?: Permissions };
  const state = Deno?.permissions?.querySync({ name: "env", variable: name }).state ?? "granted";
  // this one Deno itself obeys, and gives to everybody
  return state === "granted" || name === "NO_COLOR" ? process.env[name] : undefined;
}
