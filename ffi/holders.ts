/**
 * Who in this JavaScript realm has requests in libc, by descriptor number: the queues and the C interface of this copy of
 * the package, and of every other copy that a program has loaded.
 *
 * libc keeps the requests of a number in one list, whoever made them, and glibc breaks that list if a request is cancelled
 * that it would run next (`rt/aio_misc.c:__aio_remove_request`). So whoever cancels has to know of the others. The registry
 * is a set of plain objects under a symbol of the process; its shape is fixed, for copies of other releases use it too.
 *
 * @module
 */

/** One who has requests. */
export interface Holder {
  /** Whether it has requests in libc under this descriptor number. */
  holds(fd: number): boolean;
}

const KEY = Symbol.for("@posix/aio holders, first shape");

function holders(): Set<Holder> {
  const world = globalThis as unknown as Record<symbol, Set<Holder> | undefined>;
  return world[KEY] ??= new Set();
}

/**
 * Makes oneself known.
 *
 * @param holder Who one is.
 */
export function registerHolder(holder: Holder): void {
  holders().add(holder);
}

/**
 * Whether somebody else has requests under a descriptor number.
 *
 * @param fd The number.
 * @param self Who asks.
 * @returns Whether somebody has.
 */
export function heldByOthers(fd: number, self: Holder): boolean {
  for (const holder of holders()) if (holder !== self && holder.holds(fd)) return true;
  return false;
}
