/**
 * A forced collection of garbage, on every runtime.
 *
 * @module
 */

/**
 * The collection that the runtime was asked to offer: `--expose-gc`, `--v8-flags=--expose-gc`, or Bun's own. A thorough
 * one looks at the whole heap before it returns; a quick one looks at what is young, and in Bun may go on beside the
 * program.
 */
export function collect(thorough = true): void {
  type Collect = (options?: { readonly type: "minor" | "major" }) => void;
  const { gc, Bun } = globalThis as { gc?: Collect; Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return Bun.gc(thorough);
  if (gc === undefined) throw new Error("Cannot force a collection: started without --expose-gc");
  gc({ type: thorough ? "major" : "minor" });
}
