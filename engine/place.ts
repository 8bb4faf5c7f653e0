/**
 * What a request knows of where it is. Its descriptor, its lane and the line that it waits in know requests, so what a
 * request knows of them stands here, below them all.
 *
 * @module
 */

/** The writes between two syncs. */
export interface Barrier {
  /** How many of them have not ended. */
  open: number;
  /** Those before, as long as one of them has not ended. */
  before: Barrier | null;
}

/** Whether all writes up to a barrier have ended. */
export function isDrained(barrier: Barrier): boolean {
  while (barrier.before !== null && barrier.before.open === 0) barrier.before = barrier.before.before;
  return barrier.open === 0 && barrier.before === null;
}

/** The descriptor of a request. */
export interface OwnDescriptor {
  /** Pipes, sockets and terminals: a request can wait for ever. */
  readonly stream: boolean;
}

/** The lane that runs a request. */
export interface OwnLane {
  /** Its descriptor number. */
  readonly fd: number;
}

/** Where a request waits. */
export interface OwnLine<Request> {
  /** Takes one out that waits here. */
  remove(request: Request): void;
}
