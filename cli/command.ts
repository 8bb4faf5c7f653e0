/**
 * What a command of `aio` is.
 *
 * @module
 */

/** A command. */
export interface Command {
  /** The word that calls it. */
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The whole explanation. */
  readonly help: string;
  /**
   * Runs it.
   *
   * @param args What follows the command's name.
   * @returns The exit status.
   * @throws {UsageError} If the arguments are wrong.
   */
  run(args: string[]): Promise<number>;
}
