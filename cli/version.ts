/**
 * The version of the package; a test compares it with deno.json and package.json.
 *
 * @module
 */

/** The version. */
export const VERSION = "0.1.0";

/** The day from which on it is described as it is now, for the manual page. */
export const VERSION_DATE = "2026-11-28";
