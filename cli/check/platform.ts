/**
 * Probes of what this package believes of the platform: where libc keeps what in a control block, what it does with
 * results, which limits it has, and FreeBSD's own functions.
 *
 * @module
 */

import os from "node:os";
import process from "node:process";
import { door } from "../../ffi/door.ts";
import { libc, SYMBOLS } from "../../ffi/libc.ts";
import type { SymbolName } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import { sysctl } from "../../ffi/sysctl.ts";
import { platform } from "../../structs/platform.ts";
import * as sys from "../../sys.ts";
import { aio_read, aio_return, Aiocb } from "../../sys.ts";
import { Absent, ended, errnoNow, must, until } from "./probe.ts";
import type { Probe } from "./probe.ts";
import { readRaw } from "./raw_block.ts";

const [SEEK_SET, SEEK_CUR] = [0, 1];
const CALLS = "aio_read aio_write aio_fsync aio_error aio_return aio_suspend aio_cancel lio_listio".split(" ");

function onlyFreebsd(name: SymbolName): void {
  const { behaviour, name: system } = platform();
  if (!behaviour.kqueue) throw new Absent(`${system} has none`);
  if (!libc().has(name)) throw new Absent("this release has none");
}

/** The probes. */
export const PLATFORM: readonly Probe[] = [
  {
    group: "library",
    name: "has every function of aio(7)",
    run() {
      const missing = CALLS.filter((name) => !libc().has(name as SymbolName));
      must(missing.length === 0, `lacks ${missing.join(", ")}`);
      return libc().aioLibrary;
    },
  },
  ...["aio_init", "aio_readv", "aio_writev", "aio_read2", "aio_write2", "aio_waitcomplete", "aio_mlock", "kqueue"].map((
    name,
  ): Probe => ({
    group: "library",
    name: `has ${name}`,
    run() {
      const { structs, behaviour, name: system } = platform();
      const expected = name === "aio_init" ? structs.aioinit !== undefined : behaviour.kqueue;
      if (!expected || !libc().has(name as SymbolName)) throw new Absent(`${system} or this release has none`);
      return `${SYMBOLS[name as SymbolName].parameters.length} parameters`;
    },
  })),
  {
    group: "layout",
    name: "libc finds descriptor, buffer, length and offset where they are put",
    async run(bench) {
      const { block } = await readRaw(bench);
      must(bench.holds(block.bytes.subarray(0, 100), 777), "other bytes than the file's");
      must(block.bytes.subarray(100).every((byte) => byte === 0), "bytes behind the buffer were changed");
      libc().call.aio_return(door().pointer(block.address));
      const { size, members } = platform().structs.aiocb;
      return `${size} bytes, aio_offset at ${members.aio_offset.offset}`;
    },
  },
  {
    group: "layout",
    name: "the block shows what it should of the request's state",
    async run(bench) {
      const { status, submission, errno } = platform();
      const { block, after } = await readRaw(bench);
      libc().call.aio_return(door().pointer(block.address));
      if (status !== undefined) {
        must((after[0] & status.mask) === 0, `the error word is ${after[0]} after the end`);
        must(after[1] === 100, `the result is ${after[1]} after the end`);
        return `error at ${status.error.offset}, result at ${status.result.offset}`;
      }
      if (submission === undefined) throw new Absent("its control blocks show nothing");
      must(after[0] === -1, `status is ${after[0]} before the result was taken`);
      must(after[1] === errno.EINPROGRESS, `error is ${after[1]} before the result was taken`);
      return "nothing until the result is taken";
    },
  },
  {
    group: "layout",
    name: "a second aio_return gives what it should",
    async run(bench) {
      const { block } = await readRaw(bench);
      const pointer = door().pointer(block.address);
      const first = libc().call.aio_return(pointer);
      const second = libc().call.aio_return(pointer);
      const code = errnoNow();
      must(first === 100, `the first gives ${first}`);
      if (platform().behaviour.mustReap) {
        must(second === -1 && code === "EINVAL", `the second gives ${second}, ${code}`);
        return "EINVAL: the first has taken the result";
      }
      must(second === 100, `the second gives ${second}`);
      return "the same again";
    },
  },
  {
    group: "layout",
    name: "errno is read from the right place",
    run() {
      const answer = libc().call.lseek(987_654, 0, SEEK_CUR);
      const code = errnoNow();
      must(answer === -1 && code === "EBADF", `${answer}, ${code}`);
      must(libc().call.aio_fsync(12345, door().pointer(map(4096).address)) === -1, "aio_fsync took operation 12345");
      const second = errnoNow();
      must(second === "EINVAL" || second === "EBADF", second);
      return `${platform().errnoFunction}: ${code}, ${second}`;
    },
  },
  {
    group: "limits",
    name: "sysconf and sysctl tell the limits",
    run() {
      const { constants, behaviour } = platform();
      const conf = (name: string) => constants[name] === undefined ? "-" : libc().call.sysconf(constants[name]);
      const most = sysctl("vfs.aio.max_aio_queue_per_proc") ?? sysctl("kern.aioprocmax");
      if (behaviour.mustReap) must(most !== undefined && most > 0, "there is no limit of requests");
      return `AIO_LISTIO_MAX ${conf("_SC_AIO_LISTIO_MAX")}, requests ${most ?? "without limit"}`;
    },
  },
  {
    group: "vectored",
    name: "aio_readv reads into several buffers",
    run(bench, uses) {
      onlyFreebsd("aio_readv");
      const aio_iov = [bench.allocate(5), bench.allocate(70)];
      const cb = uses(new Aiocb({ aio_fildes: bench.fd, aio_offset: 9, aio_iov, aio_iovcnt: 2 }));
      sys.aio_readv(cb);
      must(ended(cb) === 0 && aio_return(cb) === 75, "not 75 bytes");
      must(bench.holds(aio_iov[0], 9) && bench.holds(aio_iov[1], 14), "other bytes than the file's");
      return "5 and 70 bytes";
    },
  },
  {
    group: "vectored",
    name: "aio_writev writes from several buffers",
    run(bench, uses) {
      onlyFreebsd("aio_writev");
      const fd = bench.open("vector", "w+");
      const aio_iov = [1, 2, 3].map((value) => bench.allocate(2).fill(value));
      const cb = uses(new Aiocb({ aio_fildes: fd, aio_iov, aio_iovcnt: 3 }));
      sys.aio_writev(cb);
      must(ended(cb) === 0 && aio_return(cb) === 6, "not 6 bytes");
      return "3 times 2 bytes";
    },
  },
  {
    group: "vectored",
    name: "lio_listio takes LIO_READV",
    run(bench, uses) {
      onlyFreebsd("aio_read2"); // which is made of it
      const aio_iov = [bench.allocate(5), bench.allocate(6)];
      const { LIO_READV: aio_lio_opcode } = sys;
      const cb = uses(new Aiocb({ aio_fildes: bench.fd, aio_iov, aio_iovcnt: 2, aio_lio_opcode }));
      sys.lio_listio(sys.LIO_WAIT, [cb], null);
      must(ended(cb) === 0 && aio_return(cb) === 11, "not 11 bytes");
      return "5 and 6 bytes";
    },
  },
  {
    group: "position",
    name: "aio_read2 with AIO_OP2_FOFFSET reads on and moves the position",
    run(bench, uses) {
      onlyFreebsd("aio_read2");
      const { call } = libc();
      call.lseek(bench.fd, 20, SEEK_SET);
      const cb = uses(bench.block(30, 0));
      sys.aio_read2(cb, sys.AIO_OP2_FOFFSET);
      must(ended(cb) === 0 && aio_return(cb) === 30, "not 30 bytes");
      must(bench.holds(cb.aio_buf!, 20), "other bytes than those at the position");
      const position = call.lseek(bench.fd, 0, SEEK_CUR);
      must(position === 50, `the position is ${position}`);
      return "from 20 to 50";
    },
  },
  {
    group: "kqueue",
    name: "SIGEV_KEVENT tells of the end of a request, once, with its sigev_value",
    run(bench, uses) {
      onlyFreebsd("kqueue");
      const queue = sys.kqueue();
      const cb = uses(bench.block(8));
      cb.aio_sigevent = {
        ...{ sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: queue, sigev_value: 4711 },
        sigev_notify_kevent_flags: sys.EV_ONESHOT,
      };
      aio_read(cb);
      const events = sys.kevent(queue, [], 8, { tv_sec: 10, tv_nsec: 0 });
      const more = sys.kevent(queue, [], 8, { tv_sec: 0, tv_nsec: 0 });
      ended(cb);
      aio_return(cb);
      sys.kqueue_close(queue);
      must(events.length === 1 && more.length === 0, `${events.length} and ${more.length} events`);
      must(events[0].filter === sys.EVFILT_AIO && events[0].udata === 4711, JSON.stringify(events[0]));
      return `filter ${events[0].filter}, flags ${events[0].flags}`;
    },
  },
  {
    group: "kqueue",
    name: "aio_waitcomplete takes a request that has ended",
    run(bench, uses) {
      onlyFreebsd("aio_waitcomplete");
      const cb = uses(bench.block(8));
      aio_read(cb);
      const { iocb, bytes } = sys.aio_waitcomplete({ tv_sec: 10, tv_nsec: 0 });
      must(iocb === cb && bytes === 8, `${bytes} bytes of ${iocb === cb ? "this" : "another"} request`);
      return "8 bytes";
    },
  },
  {
    group: "notification",
    name: "SIGEV_SIGNAL sends its signal",
    async run(bench, uses) {
      let count = 0;
      const listener = () => void count++;
      process.on("SIGUSR2", listener);
      const cb = uses(bench.block(8));
      const sigev_signo = platform().constants.SIGUSR2 ?? os.constants.signals.SIGUSR2;
      cb.aio_sigevent = { sigev_notify: sys.SIGEV_SIGNAL, sigev_signo };
      aio_read(cb);
      await until(() => count > 0, "the signal");
      must(ended(cb) === 0 && aio_return(cb) === 8, "not 8 bytes");
      return `SIGUSR2 (${sigev_signo})`; // the listener stays: Deno ends the process on one that comes after it
    },
  },
  {
    group: "notification",
    name: "SIGEV_THREAD calls its function",
    async run(bench, uses) {
      if (!platform().behaviour.functionNotification) throw new Absent(`${platform().name} has none`);
      if (door().callback === undefined) throw new Absent(`${door().runtime} takes no calls from other threads`);
      let got = -1;
      const cb = uses(bench.block(8));
      const sigev_notify_function = (value: number) => void (got = value);
      cb.aio_sigevent = { sigev_notify: sys.SIGEV_THREAD, sigev_value: 42, sigev_notify_function };
      aio_read(cb);
      await until(() => got >= 0, "the call");
      must(got === 42, `with ${got}`);
      must(ended(cb) === 0 && aio_return(cb) === 8, "not 8 bytes");
      return "with its sigev_value";
    },
  },
];
