/**
 * The kinds of requests.
 *
 * @module
 */

/** What a request does. */
export type RequestOp = "read" | "write" | "readv" | "writev" | "sync";
