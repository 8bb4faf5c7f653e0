/**
 * Requests at the file's own position, where libc has no call for them: each gets a place of its own before it starts.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import type { Operation } from "./operation.ts";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/**
 * Gives a request its place where the file's position is, and moves that behind it at once, so that whoever else uses
 * it, in another thread or process, gets another place.
 *
 * @param operation A request without an offset; the only one of its descriptor that libc gets.
 */
export function claimPosition(operation: Operation): void {
  if (operation.claimedTo >= 0) return; // one that goes on with its next piece
  const { call } = libc();
  let end = call.lseek(operation.fd, operation.length, SEEK_CUR);
  const moved = end >= operation.length;
  if (end < 0) end = call.lseek(operation.fd, 0, SEEK_CUR); // no further than the end of a disk
  operation.position = Math.max(0, moved ? end - operation.length : end);
  operation.claimedTo = end;
}

/**
 * Puts the file's position back by what a request did not move, unless somebody else has moved it since.
 *
 * @param operation A request that has ended.
 * @param appended Whether it wrote to the end of the file, wherever it was meant to.
 */
export function settlePosition(operation: Operation, appended: boolean): void {
  const { call } = libc();
  const { fd, position, claimedTo, status, settled, result } = operation;
  const moved = operation.moved + (settled && status === 0 ? result : 0);
  if (appended) call.lseek(fd, 0, SEEK_END);
  else if (position + moved !== claimedTo && call.lseek(fd, 0, SEEK_CUR) === claimedTo) {
    call.lseek(fd, position + moved, SEEK_SET);
  }
}
