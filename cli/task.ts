/**
 * One thing that a command line asks to be copied.
 *
 * @module
 */

/** Where from, and where to exactly. */
export interface CopyTask {
  readonly source: string;
  readonly target: string;
}
