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
