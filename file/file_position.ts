/**
 * The position of a file, where transfers without an offset go on: one after the other, as read(2) and write(2) do.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import type { RequestOptions } from "../queue/request.ts";
import { ASKER } from "../queue/request.ts";
import type { AskOptions } from "./complete.ts";
import type { Opened } from "./opened.ts";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/** What the requests of a transfer say. */
export type Asking = AskOptions & { readonly [ASKER]: object };

/** The descriptor's own position, in the kernel. */
export class FilePosition {
  readonly #opened: Opened;
  readonly #asker: object;
  /** Kept when the last transfer at the file's position has ended. */
  #free: Promise<void> = Promise.resolve();

  /**
   * @param opened The file.
   * @param asker For whom its requests are.
   */
  constructor(opened: Opened, asker: object) {
    this.#opened = opened;
    this.#asker = asker;
  }

  /**
   * Runs a transfer where it belongs; at the file's position one after the other, each of which moves it on by what has
   * moved.
   *
   * @param offset Where, or `null` for the file's position.
   * @param options What the caller says of the transfer.
   * @param move Moves bytes from an offset on.
   * @returns What `move` gives.
   */
  async run(
    offset: number | null,
    { signal, priority, moved: told }: RequestOptions,
    move: (offset: number, asking: Asking) => Promise<number>,
  ): Promise<number> {
    const { fd, positional, ordered } = this.#opened;
    const asking = { signal, priority, moved: told, [ASKER]: this.#asker };
    if (offset !== null || !positional) return await move(offset ?? 0, asking);
    const before = this.#free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await before;
    const { call } = libc();
    const moved = told ?? { bytes: 0 };
    const from = Math.max(0, call.lseek(fd, 0, SEEK_CUR));
    try {
      return moved.bytes = await move(from, { ...asking, moved });
    } finally {
      if (ordered) call.lseek(fd, 0, SEEK_END); // it was appended, wherever it was meant to go
      else call.lseek(fd, from + moved.bytes, SEEK_SET);
      resolve();
    }
  }
}
