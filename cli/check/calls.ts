/**
 * Probes of the C interface: each call does what aio(7) says, with the error numbers and constants of this platform.
 *
 * @module
 */

import fs from "node:fs";
import { platform } from "../../structs/platform.ts";
import * as sys from "../../sys.ts";
import {
  aio_cancel,
  aio_error,
  aio_fsync,
  aio_read,
  aio_return,
  aio_suspend,
  aio_write,
  Aiocb,
  lio_listio,
  LIO_NOWAIT,
  LIO_WAIT,
} from "../../sys.ts";
import { codeOf, ended, must } from "./probe.ts";
import type { Bench, Probe } from "./probe.ts";

const group = "calls";

/** Ends a request on a socket, and takes its result. */
function finish(cb: Aiocb, send: () => void): void {
  if (aio_error(cb) === sys.EINPROGRESS) send();
  ended(cb);
  codeOf(() => aio_return(cb));
}

/** A read that pends until something is sent. */
function pending(bench: Bench): { cb: Aiocb; fd: number; send: () => void } {
  const { fd, send } = bench.sockets();
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: bench.allocate(1), aio_nbytes: 1 });
  aio_read(cb);
  return { cb, fd, send };
}

/** The probes. */
export const CALLS: readonly Probe[] = [
  {
    group,
    name: "aio_read reads at its offset",
    run(bench, uses) {
      const cb = uses(bench.block(5000, 4321));
      aio_read(cb);
      must(ended(cb) === 0, `aio_error gives ${aio_error(cb)}`);
      const bytes = aio_return(cb);
      must(bytes === 5000, `aio_return gives ${bytes}`);
      must(bench.holds(cb.aio_buf!, 4321), "other bytes than the file's");
      return "5000 bytes";
    },
  },
  {
    group,
    name: "aio_read stops at the end of the file",
    run(bench, uses) {
      const results = [bench.content.length - 10, bench.content.length, 2 ** 40].map((offset) => {
        const cb = uses(bench.block(100, offset));
        aio_read(cb);
        ended(cb);
        return aio_return(cb);
      });
      must(results.join() === "10,0,0", results.join());
      return "10, 0 and 0 bytes";
    },
  },
  {
    group,
    name: "aio_write writes at its offset",
    run(bench, uses) {
      const fd = bench.open("written", "w+");
      const aio_buf = bench.allocate(4);
      aio_buf.set([1, 2, 3, 4]);
      const cb = uses(new Aiocb({ aio_fildes: fd, aio_buf, aio_nbytes: 4, aio_offset: 3 }));
      aio_write(cb);
      must(ended(cb) === 0, `aio_error gives ${aio_error(cb)}`);
      must(aio_return(cb) === 4, "not 4 bytes");
      const found = fs.readFileSync(bench.path("written")).join();
      must(found === "0,0,0,1,2,3,4", found);
      return "4 bytes behind a hole";
    },
  },
  {
    group,
    name: "aio_fsync syncs by O_SYNC and O_DSYNC, and refuses anything else",
    run(bench, uses) {
      for (const operation of [sys.O_SYNC, sys.O_DSYNC]) {
        const cb = uses(new Aiocb({ aio_fildes: bench.fd }));
        aio_fsync(operation, cb);
        must(ended(cb) === 0 && aio_return(cb) === 0, `operation ${operation}: ${aio_error(cb)}`);
      }
      const cb = uses(new Aiocb({ aio_fildes: bench.fd }));
      const code = codeOf(() => aio_fsync(12345, cb));
      must(code === "EINVAL", code);
      return "EINVAL";
    },
  },
  {
    group,
    name: "a request in flight is EINPROGRESS, and no other is",
    run(bench, uses) {
      const never = uses(new Aiocb());
      must(aio_error(never) !== sys.EINPROGRESS, "a block that was never submitted is in progress");
      const { cb, send } = pending(bench);
      must(aio_error(cb) === sys.EINPROGRESS, `aio_error gives ${aio_error(cb)}`);
      finish(cb, send);
      return `${sys.EINPROGRESS}`;
    },
  },
  {
    group,
    name: "a closed descriptor is EBADF",
    run(bench, uses) {
      const cb = uses(new Aiocb({ aio_fildes: 987_654, aio_buf: bench.allocate(1), aio_nbytes: 1 }));
      const code = codeOf(() => {
        aio_read(cb);
        ended(cb);
        aio_return(cb);
      });
      must(code === "EBADF", code);
      return "EBADF";
    },
  },
  {
    group,
    name: "a directory is EISDIR",
    run(bench, uses) {
      const { O_RDONLY, O_DIRECTORY } = platform().openFlags;
      const fd = fs.openSync(bench.folder, O_RDONLY | O_DIRECTORY);
      const cb = uses(new Aiocb({ aio_fildes: fd, aio_buf: bench.allocate(1), aio_nbytes: 1 }));
      const code = codeOf(() => {
        aio_read(cb);
        ended(cb);
        aio_return(cb);
      });
      fs.closeSync(fd);
      must(code === "EISDIR" || code === "EINVAL", code);
      return code;
    },
  },
  {
    group,
    name: "aio_suspend waits no longer than its timeout",
    run(bench) {
      const { cb, send } = pending(bench);
      const began = performance.now();
      const code = codeOf(() => aio_suspend([cb], { tv_sec: 0, tv_nsec: 50_000_000 }));
      const waited = performance.now() - began;
      finish(cb, send);
      must(code === "EAGAIN", code);
      must(waited > 45 && waited < 5000, `${waited.toFixed(0)} ms instead of 50`);
      return `EAGAIN after ${waited.toFixed(0)} ms`;
    },
  },
  {
    group,
    name: "aio_suspend returns when one of its requests has ended",
    run(bench, uses) {
      const { cb: silent, send } = pending(bench);
      const quick = uses(bench.block(100));
      aio_read(quick);
      aio_suspend([silent, null, quick], { tv_sec: 10, tv_nsec: 0 });
      const states = [aio_error(silent), aio_error(quick)];
      finish(silent, send);
      aio_return(quick);
      must(states[0] === sys.EINPROGRESS && states[1] === 0, states.join());
      return "the other one is still in flight";
    },
  },
  {
    group,
    name: "aio_cancel tells cancelled, running and done apart",
    run(bench) {
      const { AIO_ALLDONE, AIO_CANCELED, AIO_NOTCANCELED, ECANCELED } = sys;
      const nothing = aio_cancel(bench.fd, null);
      must(nothing === AIO_ALLDONE, `${nothing} where nothing is in flight, not AIO_ALLDONE (${AIO_ALLDONE})`);
      const { cb, fd, send } = pending(bench);
      const answer = aio_cancel(fd, cb);
      if (answer === AIO_CANCELED) {
        must(ended(cb) === ECANCELED, `aio_error gives ${aio_error(cb)} after AIO_CANCELED`);
        codeOf(() => aio_return(cb));
        return "a read that waits on a socket was cancelled";
      }
      finish(cb, send);
      must(answer === AIO_NOTCANCELED, `${answer} for a read that waits on a socket`);
      return "a read that waits on a socket runs on";
    },
  },
  {
    group,
    name: "lio_listio with LIO_WAIT returns when all have ended",
    run(bench) {
      const list = Array.from({ length: 20 }, (_, index) => bench.block(512, index * 512));
      for (const cb of list) cb.aio_lio_opcode = sys.LIO_READ;
      const most = Math.min(list.length, platform().behaviour.listMax);
      lio_listio(LIO_WAIT, [...list.slice(0, most - 1), null], null);
      for (const [index, cb] of list.slice(0, most - 1).entries()) {
        must(aio_error(cb) === 0 && aio_return(cb) === 512, `request ${index}: ${aio_error(cb)}`);
        must(bench.holds(cb.aio_buf!, index * 512), `request ${index} brought other bytes`);
      }
      return `${most - 1} reads`;
    },
  },
  {
    group,
    name: "lio_listio with LIO_NOWAIT takes reads, writes and what is to be skipped",
    run(bench) {
      const fd = bench.open("listed", "w+");
      const aio_buf = bench.allocate(3);
      aio_buf.fill(7);
      const write = new Aiocb({ aio_fildes: fd, aio_buf, aio_nbytes: 3, aio_lio_opcode: sys.LIO_WRITE });
      const read = bench.block(3, 99);
      read.aio_lio_opcode = sys.LIO_READ;
      lio_listio(LIO_NOWAIT, [write, null, read], null);
      must(ended(write) === 0 && ended(read) === 0, `${aio_error(write)}, ${aio_error(read)}`);
      must(aio_return(write) + aio_return(read) === 6, "not 3 bytes each");
      must(bench.holds(read.aio_buf!, 99) && fs.readFileSync(bench.path("listed")).join() === "7,7,7", "other bytes");
      return "3 bytes each way";
    },
  },
];
