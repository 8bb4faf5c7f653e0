/**
 * One thing that a command line asks to be copied.
 *
 * @module
 */

/** Where from, and where to exactly. */
export interface CopyTask {
  readonly source: string;
  readonly target: string;
  /** What the target is called in a manifest: its path within the folder that was named, or the file's name. */
  readonly name: string;
}
