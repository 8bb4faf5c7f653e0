/**
 * A forced collection of garbage, on every runtime.
 *
 * @module
 */

/**
 * The collection that the runtime was asked to offer: `--expose-gc`, `--v8-flags=--expose-gc`, or Bun's own. A thorough
 * one looks at the whole heap, a quick one at what is young, where the runtime knows the difference.
 */
export const collect: (thorough?: boolean) => void = (() => {
  type Collect = (options?: { readonly type: "minor" | "major" }) => void;
  const { gc, Bun } = globalThis as { gc?: Collect; Bun?: { gc(force: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  if (gc === undefined) throw new Error("Cannot force a collection: started without --expose-gc");
  return (thorough = true) => gc({ type: thorough ? "major" : "minor" });
})();
