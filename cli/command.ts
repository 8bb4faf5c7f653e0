/**
 * What a command of `aio` does; what it is called and takes is in spec/.
 *
 * @module
 */

/** A command. */
export interface Command {
  /**
   * Runs it.
   *
   * @param args What follows the command's name.
   * @returns The exit status.
   * @throws {UsageError} If the arguments are wrong.
   */
  run(args: string[]): Promise<number>;
}
