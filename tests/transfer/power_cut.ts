/**
 * A disk that loses, when the power fails, whatever was not synced: fed with recorded calls, it tells at each moment what
 * a name may lead to afterwards.
 *
 * @module
 */

import path from "node:path";
import type { Call } from "./recorded.ts";

const BLOCK = 4096;

/** What is found after a power cut: the old file, the new one, or one that lacks something of either. */
export type Found = "old" | "new" | "torn";

/** A file that is written: its size, and the blocks that it has got. */
class Content {
  size = 0;
  readonly blocks = new Set<number>();
  /** What survives. */
  durable: { readonly size: number; readonly blocks: ReadonlySet<number> } = { size: 0, blocks: new Set() };

  write(offset: number, bytes: number): void {
    for (let at = Math.floor(offset / BLOCK); at * BLOCK < offset + bytes; at++) this.blocks.add(at);
    this.size = Math.max(this.size, offset + bytes);
  }

  /** Whether all of so many bytes would be there. */
  survives(bytes: number): boolean {
    return this.durable.size === bytes && this.durable.blocks.size >= Math.ceil(bytes / BLOCK);
  }
}

/** The groups of a pattern that a call must match. */
function match({ name, text }: Call, pattern: RegExp): string[] {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`Cannot replay ${name}(${text}`);
  return found.slice(1);
}

/**
 * Cuts the power after the beginning and the end of each call.
 *
 * @param calls The calls of the process that replaced the target.
 * @param target The target's path.
 * @param bytes The size of its new content.
 * @returns What could be found at its name after each cut; the last one came when the process reported that it was done.
 */
export function cutEverywhere(calls: readonly Call[], target: string, bytes: number): Found[][] {
  const files = new Map<string, Content>();
  /** What the name may lead to: `null` stands for the old file. */
  let named = new Set<Content | null>([null]);
  let newest: Content | null = null;
  const steps: { readonly at: number; readonly run: () => void }[] = [];
  let done = Infinity;

  const contentOf = (name: string) => {
    if (!files.has(name)) files.set(name, new Content());
    return files.get(name)!;
  };

  for (const call of calls) {
    const { name, text, began, ended } = call;
    const [, file] = /^\d+<([^>]*)>/.exec(text) ?? [];
    const result = Number(match(call, / = (\d+)/)[0]);
    if (name === "write" && text.startsWith("1<") && text.includes('"took ')) done = began;
    if (/^(re)?name|^link/.test(name)) {
      const [from, to] = [...text.matchAll(/"([^"]*)"/g)].map(([, each]) => each);
      if (to !== target) continue;
      // from its beginning on it may be on the disk, but only a sync of the directory says so
      steps.push({ at: began, run: () => named.add(newest = contentOf(from)) });
    } else if (file === path.dirname(target) && name === "fsync") {
      let synced: Content | null = null;
      steps.push({ at: began, run: () => synced = newest }, { at: ended, run: () => named = new Set([synced]) });
    } else if (name === "copy_file_range") {
      const [copied, offset] = match(call, /, \d+<([^>]*)>, \[(\d+)\], \d+, \d+\)/);
      steps.push({ at: ended, run: () => contentOf(copied).write(Number(offset), result) });
    } else if (file === undefined || path.dirname(file) !== path.dirname(target)) {
      continue;
    } else if (name === "pwrite64") {
      const offset = Number(match(call, /, (\d+)\)/)[0]);
      steps.push({ at: ended, run: () => contentOf(file).write(offset, result) });
    } else if (name === "fallocate") {
      match(call, /, 0, \d+, \d+\)/); // blocks without content
    } else if (name === "ftruncate") {
      const size = Number(match(call, /, (\d+)\)/)[0]);
      steps.push({ at: ended, run: () => contentOf(file).size = size });
    } else if (name === "fsync" || name === "fdatasync") {
      let synced: Content["durable"] | undefined;
      const content = contentOf(file);
      // what is written while it runs may be too late
      steps.push({ at: began, run: () => synced = { size: content.size, blocks: new Set(content.blocks) } });
      steps.push({ at: ended, run: () => content.durable = synced! });
    } else {
      match(call, /^$/); // nothing else is known
    }
  }

  const look = (content: Content | null) => content === null ? "old" : content.survives(bytes) ? "new" : "torn";
  const ordered = steps.filter(({ at }) => at < done).sort((a, b) => a.at - b.at);
  return ordered.map(({ run }) => {
    run();
    return [...named].map(look);
  });
}
