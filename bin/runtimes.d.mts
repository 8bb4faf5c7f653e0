/** The oldest version of each runtime that this package works with. */
export const oldest: Readonly<Record<"deno" | "bun" | "node", string>>;

/** The folder of this checkout. */
export const root: string;

/** A runtime on this machine: `file` and `version`, or a `reason` when there is none that is recent enough. */
export type FoundRuntime =
  | { readonly name: string; readonly file: string; readonly version: string; readonly reason?: undefined }
  | { readonly name: string; readonly file?: undefined; readonly version?: undefined; readonly reason: string };

/** Finds one runtime by its name: `deno`, `bun` or `node`. */
export function findRuntime(name: string): FoundRuntime;
