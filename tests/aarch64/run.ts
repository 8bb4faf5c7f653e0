/**
 * Registers the tests of several files in one process.
 *
 * @module
 */

/**
 * Registers the tests of files.
 *
 * @param files Their paths in `tests/`.
 */
export async function run(files: readonly string[]): Promise<void> {
  for (const file of files) await import(new URL(`../${file}`, import.meta.url).href);
}
