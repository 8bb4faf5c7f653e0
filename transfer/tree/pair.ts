/**
 * What `copyMany` takes: a source and a target each.
 *
 * @module
 */

/** One file to copy. */
export interface CopyPair {
  /** The file. */
  readonly source: string | URL;
  /** Where its copy is to be, with its name. */
  readonly target: string | URL;
}
