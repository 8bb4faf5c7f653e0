// The table of what FreeBSD answers (tests/data/freebsd_answers.json), row by row, against the C library: the one that
// stands in for FreeBSD's, whose answers come from that table, or a real system's, which tells whether the table is right. Runs on Bun in short runs.

import { assert, assertEquals } from "@std/assert";
import { begun, describeFreebsd, hold, itOrders, pause } from "./on_freebsd.ts";
import { answering } from "./choose.ts";
import { it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import { Block, list, Memory, nothing, outcomeOf, Pair, Queue, Scratch, time, waitComplete } from "./raw.ts";
import type { Outcome } from "./raw.ts";
import { answersOf } from "./stand_in.ts";

type Members = Record<string, number | bigint>;
type Probe = () => Outcome;

const NOT_OPEN = 1000;
const value = (result: number): Outcome => ({ result });
const call = () => libc().call;
const c = (name: string) => platform().constants[name];

/** Submits reads of a fresh file and hands them over; what is left in flight is reaped. */
function withReads(count: number, members: Members, bytes: number, use: (...blocks: Block[]) => Outcome): Outcome {
  using file = new Scratch();
  const blocks = Array.from({ length: count }, () => new Block({ aio_fildes: file.fd, ...members }, bytes));
  for (const block of blocks) assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
  try {
    return use(...blocks);
  } finally {
    for (const block of blocks) block.reap();
  }
}

/** What `aio_read()` answers; a request that it takes is reaped. */
function read(members: Members, bytes = 4): Outcome {
  const block = new Block(members, bytes);
  const outcome = outcomeOf(call().aio_read(block.pointer));
  if (outcome.result === 0) block.reap();
  return outcome;
}

function readOfFile(members: Members, bytes = 4, flags = "r+"): Outcome {
  using file = new Scratch(flags);
  return read({ aio_fildes: file.fd, ...members }, bytes);
}

function readPath(path: string): Outcome {
  const fd = openSync(path, "r");
  try {
    return read({ aio_fildes: fd });
  } finally {
    closeSync(fd);
  }
}

/** A read of a socket where nothing comes: in flight until it is cancelled. */
function withPending(use: (block: Block, pair: Pair) => Outcome): Outcome {
  using pair = new Pair();
  const block = new Block({ aio_fildes: pair.fd }, 2);
  assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
  try {
    return use(block, pair);
  } finally {
    pair.send("x");
    block.reap();
  }
}

function suspendPending(timeout: ReturnType<typeof time>): Outcome {
  return withPending((block) => outcomeOf(call().aio_suspend(list(block).pointer, 1, timeout)));
}

function cancelled(use: (block: Block) => Outcome): Outcome {
  return withPending((block) => {
    call().aio_cancel(block.view.aio_fildes, block.pointer);
    return use(block);
  });
}

function refused(use: (block: Block) => Outcome): Outcome {
  const block = new Block({ aio_fildes: NOT_OPEN }, 4);
  call().aio_read(block.pointer);
  return use(block);
}

/** A read into memory that is not there. */
function badAddress(use: (submitted: Outcome, block: Block) => Outcome): Outcome {
  using file = new Scratch();
  const block = new Block({ aio_fildes: file.fd, aio_buf: 4096, aio_nbytes: 10 });
  const submitted = outcomeOf(call().aio_read(block.pointer));
  const outcome = use(submitted, block.wait());
  call().aio_return(block.pointer);
  return outcome;
}

function submitList(mode: number, ...blocks: readonly (Block | null)[]): Outcome {
  return outcomeOf(call().lio_listio(mode, list(...blocks).pointer, blocks.length, nothing()));
}

/** What a bad entry of a list answers. */
function badEntry(members: Members, use: (outcome: Outcome, block: Block) => Outcome): Outcome {
  using file = new Scratch();
  const block = new Block({ aio_fildes: file.fd, aio_lio_opcode: c("LIO_READ"), ...members }, 4);
  return use(submitList(c("LIO_WAIT"), block), block);
}

function directory(use: (block: Block) => Outcome): Outcome {
  using file = new Scratch();
  const fd = openSync(file.folder, "r");
  const block = new Block({ aio_fildes: fd }, 512);
  call().aio_read(block.pointer);
  try {
    return use(block.wait());
  } finally {
    call().aio_return(block.pointer);
    closeSync(fd);
  }
}

/** Fills the queue of the process with finished reads. */
function full(use: (blocks: Block[], fd: number) => Outcome): Outcome {
  using file = new Scratch();
  const blocks = Array.from({ length: 256 }, () => new Block({ aio_fildes: file.fd }, 1));
  for (const block of blocks) assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
  for (const block of blocks) block.wait();
  const outcome = use(blocks, file.fd);
  for (const block of blocks) block.reap();
  return outcome;
}

/** The event of one finished read. */
function withEvent(flags: number, use: (queue: Queue, events: Queue["kevent"], block: Block) => Outcome): Outcome {
  using queue = new Queue();
  return withReads(
    1,
    {
      "aio_sigevent.sigev_notify": c("SIGEV_KEVENT"),
      "aio_sigevent.sigev_notify_kqueue": queue.fd,
      "aio_sigevent.sigev_notify_kevent_flags": flags,
      "aio_sigevent.sigev_value": 0x1234,
    },
    4,
    (block) => use(queue, queue.kevent.bind(queue), block),
  );
}

function firstEvent(member: string): Outcome {
  return withEvent(0, (queue, _, block) => {
    const [event] = queue.kevent(null, 8, time(10)).events;
    assertEquals([event.ident, event.udata], [block.address, 0x1234]);
    return value(event[member]);
  });
}

function read2(flags: number, use: (block: Block, outcome: () => Outcome, fd: number) => Outcome): Outcome {
  using file = new Scratch();
  call().lseek(file.fd, 36, 0);
  const block = new Block({ aio_fildes: file.fd });
  const parts = block.parts(4, 4);
  assertEquals(outcomeOf(call().aio_read2(block.pointer, flags)), value(0));
  const outcome = use(block, () => block.reap(), file.fd);
  assertEquals(parts.map((part) => part.text()), ["ABCD", "EFGH"]);
  return outcome;
}

const PROBES: Record<string, Probe> = {
  aio_read_queued: () => readOfFile({}, 10),
  aio_error_in_flight: () => withPending((block) => value(call().aio_error(block.pointer))),
  aio_suspend_finished: () =>
    withReads(1, {}, 10, (block) => outcomeOf(call().aio_suspend(list(block).pointer, 1, nothing()))),
  aio_error_finished: () => withReads(1, {}, 10, (block) => value(call().aio_error(block.wait().pointer))),
  aio_return_finished: () => withReads(1, {}, 10, (block) => block.reap()),
  aio_error_reaped: () =>
    withReads(1, {}, 10, (block) => {
      block.reap();
      return value(call().aio_error(block.pointer));
    }),
  aio_return_again: () =>
    withReads(1, {}, 10, (block) => {
      block.reap();
      return outcomeOf(call().aio_return(block.pointer));
    }),
  aio_readv_bytes: () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd });
    const parts = block.parts(4, 6);
    assertEquals(outcomeOf(call().aio_readv(block.pointer)), value(0));
    const outcome = block.reap();
    assertEquals(parts.map((part) => part.text()), ["0123", "456789"]);
    return outcome;
  },
  aio_read2_both_flags: () => read2(3, (_, outcome) => outcome()),
  aio_read2_moves_position: () =>
    read2(3, (block, _, fd) => {
      block.reap();
      return outcomeOf(call().lseek(fd, 0, 1));
    }),
  aio_read2_goes_on: () =>
    read2(3, (block, _, fd) => {
      block.reap();
      const next = new Block({ aio_fildes: fd }, 4);
      assertEquals(outcomeOf(call().aio_read2(next.pointer, c("AIO_OP2_FOFFSET"))), value(0));
      const outcome = next.reap();
      assertEquals(next.buffer!.text(), "IJKL");
      return outcome;
    }),
  aio_read2_unknown_flag: () => {
    using file = new Scratch();
    return outcomeOf(call().aio_read2(new Block({ aio_fildes: file.fd }, 4).pointer, 4));
  },
  aio_write_queued: () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd }, 4);
    const outcome = outcomeOf(call().aio_write(block.pointer));
    assertEquals(block.reap(), value(4));
    return outcome;
  },
  aio_fsync_o_sync: () => sync("O_SYNC"),
  aio_fsync_o_dsync: () => sync("O_DSYNC"),
  aio_mlock_queued: () => {
    const block = new Block({}, 4096);
    const outcome = outcomeOf(call().aio_mlock(block.pointer));
    assertEquals(block.reap(), value(0));
    return outcome;
  },
  aio_fsync_unknown_operation: () => outcomeOf(call().aio_fsync(0, new Block().pointer)),
  aio_error_never_submitted: () => value(call().aio_error(new Block().pointer)),
  aio_return_never_submitted: () => outcomeOf(call().aio_return(new Block().pointer)),
  aio_return_in_flight: () => withPending((block) => outcomeOf(call().aio_return(block.pointer))),
  aio_read_bad_descriptor: () => read({ aio_fildes: NOT_OPEN }),
  aio_error_refused: () => refused((block) => value(call().aio_error(block.pointer))),
  aio_return_refused: () => refused((block) => outcomeOf(call().aio_return(block.pointer))),
  aio_read_bad_address: () => badAddress((submitted) => submitted),
  aio_error_bad_address: () => badAddress((_, block) => value(call().aio_error(block.pointer))),
  aio_return_bad_address: () => badAddress((_, block) => block.reap()),
  aio_read_negative_offset: () => readOfFile({ aio_offset: -1 }),
  aio_return_past_end: () => withReads(1, { aio_offset: 1000 }, 4, (block) => block.reap()),
  aio_return_empty: () => withReads(1, {}, 0, (block) => block.reap()),
  aio_return_last_offset: () => withReads(1, { aio_offset: 2n ** 63n - 1n }, 4, (block) => block.reap()),
  aio_read_two_gib: () => readOfFile({}, 2 ** 31),
  aio_suspend_timeout: () => suspendPending(time(0, 100_000_000)),
  aio_suspend_poll: () => suspendPending(time(0)),
  aio_suspend_bad_nanoseconds: () => suspendPending(time(0, 1e9)),
  aio_cancel_bad_descriptor: () => outcomeOf(call().aio_cancel(NOT_OPEN, nothing())),
  aio_cancel_nothing: () => {
    using file = new Scratch();
    return outcomeOf(call().aio_cancel(file.fd, nothing()));
  },
  aio_cancel_pending: () => withPending((block) => outcomeOf(call().aio_cancel(block.view.aio_fildes, block.pointer))),
  aio_error_cancelled: () => cancelled((block) => value(call().aio_error(block.pointer))),
  aio_return_cancelled: () => cancelled((block) => outcomeOf(call().aio_return(block.pointer))),
  lio_listio_skipped: () => {
    using file = new Scratch();
    return submitList(c("LIO_WAIT"), null, new Block({ aio_fildes: file.fd, aio_lio_opcode: c("LIO_NOP") }));
  },
  lio_listio_256: () => {
    using file = new Scratch();
    const members = { aio_fildes: file.fd, aio_lio_opcode: c("LIO_READ") };
    const blocks = Array.from({ length: 256 }, () => new Block(members, 1));
    const outcome = submitList(c("LIO_WAIT"), ...blocks);
    for (const block of blocks) assertEquals(outcomeOf(call().aio_return(block.pointer)), value(1));
    return outcome;
  },
  lio_listio_too_many: () => submitList(c("LIO_WAIT"), ...new Array<null>(300).fill(null)),
  lio_listio_unknown_mode: () => submitList(7),
  lio_listio_nothing: () => submitList(c("LIO_WAIT")),
  lio_listio_unknown_opcode: () => badEntry({ aio_lio_opcode: 99 }, (outcome) => outcome),
  lio_listio_unknown_opcode_entry: () =>
    badEntry({ aio_lio_opcode: 99 }, (_, block) => value(call().aio_error(block.pointer))),
  lio_listio_bad_descriptor: () => badEntry({ aio_fildes: NOT_OPEN }, (outcome) => outcome),
  lio_listio_bad_descriptor_entry: () =>
    badEntry({ aio_fildes: NOT_OPEN }, (_, block) => value(call().aio_error(block.pointer))),
  lio_listio_bad_descriptor_return: () =>
    badEntry({ aio_fildes: NOT_OPEN }, (_, block) => outcomeOf(call().aio_return(block.pointer))),
  aio_waitcomplete_one: () => withReads(1, {}, 4, (block) => waitComplete(block)),
  aio_waitcomplete_nothing: () => {
    const place = new Memory(8).addresses(1);
    const outcome = outcomeOf(call().aio_waitcomplete(place.pointer, time(0)));
    assertEquals(place.bytes.slice(0, 8), new Uint8Array(8));
    return outcome;
  },
  kevent_aio_count: () => withEvent(0, (queue) => outcomeOf(queue.kevent(null, 8, time(10)).result)),
  kevent_aio_filter: () => firstEvent("filter"),
  kevent_aio_flags: () => firstEvent("flags"),
  kevent_aio_data: () => firstEvent("data"),
  aio_read_bad_kqueue: () =>
    readOfFile({
      "aio_sigevent.sigev_notify": c("SIGEV_KEVENT"),
      "aio_sigevent.sigev_notify_kqueue": NOT_OPEN,
    }),
  aio_read_sigev_thread: () => readOfFile({ "aio_sigevent.sigev_notify": c("SIGEV_THREAD") }),
  aio_read_bad_signal: () => readOfFile({ "aio_sigevent.sigev_notify": c("SIGEV_SIGNAL") }),
  aio_error_directory: () => directory((block) => value(call().aio_error(block.pointer))),
  aio_read_write_only: () => readOfFile({}, 4, "w"),
  aio_read_unsafe_file: () => {
    using pair = new Pair("pipe");
    return read({ aio_fildes: pair.fd });
  },
  aio_read_dev_null: () => readPath("/dev/null"),
  aio_read_dev_zero: () => readPath("/dev/zero"),
  aio_read_queue_full: () => full((_, fd) => read({ aio_fildes: fd })),
  aio_read_after_reaping: () =>
    full(([first], fd) => {
      first.reap();
      return read({ aio_fildes: fd });
    }),
  lio_listio_kevent_filter: () => {
    using queue = new Queue();
    using file = new Scratch();
    const members = { aio_fildes: file.fd, aio_lio_opcode: c("LIO_READ") };
    const blocks = Array.from({ length: 4 }, () => new Block(members, 1));
    const event = new Memory(platform().structs.sigevent.size);
    Object.assign(event.struct(platform().structs.sigevent), {
      sigev_notify: c("SIGEV_KEVENT"),
      sigev_notify_kqueue: queue.fd,
      sigev_value: 77,
    });
    const array = list(...blocks);
    assertEquals(outcomeOf(call().lio_listio(c("LIO_NOWAIT"), array.pointer, 4, event.pointer)), value(0));
    const { events } = queue.kevent(null, 8, time(10));
    assertEquals([events.length, events[0].ident, events[0].udata], [1, array.address, 77]);
    for (const block of blocks) assertEquals(outcomeOf(call().aio_return(block.pointer)), value(1));
    return value(events[0].filter);
  },
  lio_listio_readv: () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd, aio_lio_opcode: c("LIO_READV") });
    block.parts(4, 8);
    assertEquals(submitList(c("LIO_WAIT"), block), value(0));
    return block.reap();
  },
  kevent_user: () => {
    using queue = new Queue();
    const add = { ident: 5, filter: c("EVFILT_USER"), flags: c("EV_ADD") | c("EV_CLEAR"), udata: 9 };
    assertEquals(queue.kevent(add, 0).result, 0);
    assertEquals(queue.kevent(null).result, 0);
    assertEquals(
      queue.kevent({ ident: 5, filter: c("EVFILT_USER"), fflags: c("NOTE_TRIGGER"), udata: 9 }, 0).result,
      0,
    );
    const { result, events } = queue.kevent(null, 8, time(10));
    assertEquals([events[0].ident, events[0].filter, events[0].udata], [5, c("EVFILT_USER"), 9]);
    assertEquals(queue.kevent(null).result, 0);
    return outcomeOf(result);
  },
  aio_waitcomplete_empty_read: () => withReads(1, {}, 0, (block) => waitComplete(block)),
  aio_error_closed_descriptor: () =>
    withPending((block, pair) => {
      pair.close(pair.fd);
      return value(call().aio_error(block.pointer));
    }),
  aio_return_closed_descriptor: () =>
    withPending((block, pair) => {
      pair.close(pair.fd);
      pair.send("ab");
      return block.reap();
    }),
  aio_suspend_negative_count: () => outcomeOf(call().aio_suspend(list().pointer, -1, nothing())),
  aio_suspend_too_many: () =>
    outcomeOf(call().aio_suspend(list(...new Array<null>(257).fill(null)).pointer, 257, nothing())),
  aio_suspend_negative_seconds: () => suspendPending(time(-1)),
  aio_suspend_reaped: () =>
    withReads(1, {}, 4, (block) => {
      block.reap();
      return outcomeOf(call().aio_suspend(list(block).pointer, 1, nothing()));
    }),
  aio_waitcomplete_bad_time: () => outcomeOf(call().aio_waitcomplete(new Memory(8).pointer, time(0, 1e9))),
  aio_waitcomplete_failed: () => directory((block) => waitComplete(block)),
  aio_error_reaped_failure: () =>
    directory((block) => {
      block.reap();
      return value(call().aio_error(block.pointer));
    }),
  aio_cancel_other_descriptor: () =>
    withPending((block, { peer }) => outcomeOf(call().aio_cancel(peer, block.pointer))),
  aio_cancel_part_written: () => partWritten().cancelled,
  aio_suspend_empty_socket_read: () => {
    using pair = new Pair();
    const block = new Block({ aio_fildes: pair.fd }, 0);
    assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
    const outcome = outcomeOf(call().aio_suspend(list(block).pointer, 1, time(0, 20_000_000)));
    pair.send("x");
    assertEquals(block.reap(), value(0));
    return outcome;
  },
  aio_read_too_long: () => readOfFile({ aio_nbytes: 2n ** 63n }, 0),
  aio_readv_too_many_parts: () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd });
    block.parts(...new Array<number>(1025).fill(1));
    return outcomeOf(call().aio_readv(block.pointer));
  },
  aio_read_bad_kevent_flags: () => {
    using queue = new Queue();
    return readOfFile({
      "aio_sigevent.sigev_notify": c("SIGEV_KEVENT"),
      "aio_sigevent.sigev_notify_kqueue": queue.fd,
      "aio_sigevent.sigev_notify_kevent_flags": c("EV_ADD"),
    });
  },
  aio_fsync_not_a_file: () => {
    using pair = new Pair();
    return outcomeOf(call().aio_fsync(c("O_SYNC"), new Block({ aio_fildes: pair.fd }).pointer));
  },
  kevent_closed_kqueue: () => {
    const queue = new Queue();
    queue[Symbol.dispose]();
    const { result, errno } = queue.kevent(null);
    return { result, errno };
  },
  aio_read_not_a_kqueue: () => {
    using file = new Scratch();
    return readOfFile({
      "aio_sigevent.sigev_notify": c("SIGEV_KEVENT"),
      "aio_sigevent.sigev_notify_kqueue": file.fd,
    });
  },
  kevent_not_a_kqueue: () => {
    using file = new Scratch();
    const none = new Memory(64);
    return outcomeOf(call().kevent(file.fd, nothing(), 0, none.pointer, 1, time(0)));
  },
  aio_fsync_fifo: () => syncPath((folder) => fifo(folder)),
  aio_fsync_dev_null: () => syncPath(() => "/dev/null"),
  aio_error_part_written: () => value(partWritten().error),
  kevent_aio_registered_by_program: () => {
    using queue = new Queue();
    const { result, errno } = queue.kevent({ ident: 1, filter: c("EVFILT_AIO"), flags: c("EV_ADD") }, 0);
    return { result, errno };
  },
  kevent_aio_level: () =>
    withEvent(0, (queue) => {
      queue.kevent(null, 8, time(10));
      return value(queue.kevent(null).result);
    }),
  kevent_aio_oneshot_again: () =>
    withEvent(c("EV_ONESHOT"), (queue) => {
      assertEquals(queue.kevent(null, 8, time(10)).result, 1);
      return value(queue.kevent(null).result);
    }),
};

/** Cancels a write of which a socket has taken a part: it ends at once, with success and the bytes of that part. */
function partWritten(): { cancelled: Outcome; error: number } {
  using pair = new Pair();
  const block = new Block({ aio_fildes: pair.fd }, 4 << 20);
  assertEquals(outcomeOf(call().aio_write(block.pointer)), value(0));
  while (pair.receive(1) !== 1) pause();
  const cancelled = outcomeOf(call().aio_cancel(pair.fd, block.pointer));
  const error = call().aio_error(block.pointer);
  const { result } = block.reap();
  assert(result > 0 && result < 4 << 20, `${result} bytes`);
  return { cancelled, error };
}

function fifo(folder: string): string {
  const path = `${folder}/fifo`;
  assertEquals(spawnSync("mkfifo", [path]).status, 0);
  return path;
}

function syncPath(make: (folder: string) => string): Outcome {
  using file = new Scratch();
  const fd = openSync(make(file.folder), "r+");
  const block = new Block({ aio_fildes: fd });
  const outcome = outcomeOf(call().aio_fsync(c("O_SYNC"), block.pointer));
  const ended = outcome.result === 0 ? block.reap() : outcome;
  closeSync(fd);
  return ended;
}

/** Lets the kernel take requests on pipes and devices, or not; an order that only the stand-in takes from a test. */
function enableUnsafe(enable: number): void {
  const name = new Memory(32), word = new Memory(4);
  name.bytes.set(new TextEncoder().encode("vfs.aio.enable_unsafe\0"));
  word.bytes[0] = enable;
  assertEquals(call().sysctlbyname(name.pointer, nothing(), nothing(), word.pointer, 4), 0);
}

function sync(operation: string): Outcome {
  using file = new Scratch();
  const block = new Block({ aio_fildes: file.fd });
  const outcome = outcomeOf(call().aio_fsync(c(operation), block.pointer));
  assertEquals(block.reap(), value(0));
  return outcome;
}

describeFreebsd("FreeBSD's libc", () => {
  for (const { name, call: called, when, result, errno } of answersOf(answering)) {
    const answer = errno === undefined ? String(result) : `${result}, ${errno}`;
    if (name === "aio_cancel_running" || name === "aio_fsync_fifo_unsafe") continue;
    it(`${called} ${when}: ${answer}`, () => {
      const probe = PROBES[name];
      assert(probe !== undefined, `the row ${name} has no probe`);
      assertEquals(probe(), errno === undefined ? { result } : { result, errno });
    });
  }

  itOrders("aio_cancel of a request that a daemon runs: 2", () => {
    // a daemon sits in the read of an empty pipe, which is allowed only now
    using pair = new Pair("pipe");
    enableUnsafe(1);
    const block = new Block({ aio_fildes: pair.fd }, 2);
    assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
    enableUnsafe(0);
    for (let turn = 0; begun() === 0 && turn < 10_000; turn++) pause();
    assertEquals(outcomeOf(call().aio_cancel(pair.fd, block.pointer)), value(2));
    pair.send("ab");
    assertEquals(block.reap(), value(2));
  });

  itOrders("aio_return of aio_fsync of a FIFO, with vfs.aio.enable_unsafe=1: 0", () => {
    enableUnsafe(1);
    try {
      assertEquals(syncPath(fifo), value(0));
      assertEquals(syncPath(() => "/dev/null"), value(0));
    } finally {
      enableUnsafe(0);
    }
  });

  itOrders("cancels what no daemon has begun", () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd }, 2);
    {
      using _held = hold();
      assertEquals(outcomeOf(call().aio_read(block.pointer)), value(0));
      assertEquals(outcomeOf(call().aio_cancel(file.fd, nothing())), value(1));
    }
    assertEquals(block.reap(), { result: -1, errno: "ECANCELED" });
  });

  it("gives the oldest finished request first from aio_waitcomplete()", () => {
    using file = new Scratch();
    const blocks = [3, 1, 2].map((bytes) => new Block({ aio_fildes: file.fd }, bytes));
    for (const block of blocks) call().aio_read(block.pointer) === 0 && block.wait();
    for (const [index, block] of blocks.entries()) assertEquals(waitComplete(block), value([3, 1, 2][index]));
  });
});
