/**
 * The version of the package; a test compares it with deno.json and package.json.
 *
 * @module
 */

/** The version. */
export const VERSION = "0.1.0";
