// What would crash, hang or corrupt the process in C, and what the C interface does about it: blocks submitted twice or
// given up in flight, buffers that are too short or gone, wrong types, functions that the platform lacks.

import { assert, assertEquals, assertFalse, assertNotEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { setTimeout as sleep } from "node:timers/promises";
import { platform } from "../../structs/platform.ts";
import { partsOf } from "../../sys/aiocb.ts";
import { AioQueue } from "../../mod.ts";
import * as sys from "../../sys.ts";
import { aio_error, aio_fsync, aio_read, aio_return, aio_suspend, aio_write, Aiocb, allocate } from "../../sys.ts";
import { EINPROGRESS, lio_listio, LIO_NOWAIT, LIO_READ, O_SYNC } from "../../sys.ts";
import { answers, onFreebsd, onGlibc } from "./answers.ts";
import { assertCode, outcome, outcomes } from "./outcome.ts";
import { BLOCKED, SocketPair, SocketWrites } from "./socket_pair.ts";
import { pattern, TestFile } from "./test_file.ts";
import { itUnless } from "../support/platform.ts";

function addressOf(cb: Aiocb): number {
  return partsOf(cb, "test").control.slot.address;
}

/** A read that stays in flight until something is sent. */
class PendingRead implements Disposable {
  readonly sockets: SocketPair = new SocketPair();
  readonly cb: Aiocb = new Aiocb({
    aio_fildes: this.sockets.fd,
    aio_buf: allocate(16),
    aio_nbytes: 16,
    aio_lio_opcode: LIO_READ,
  });

  constructor() {
    aio_read(this.cb);
  }

  [Symbol.dispose](): void {
    if (aio_error(this.cb) === EINPROGRESS) this.sockets.send(1);
    outcome(this.cb); // a request that outlives its descriptor would read from whatever gets the number next
    this.cb[Symbol.dispose]();
    this.sockets[Symbol.dispose]();
  }
}

describe("a control block in flight", () => {
  it("is refused by every function that submits, with its state in the message", () => {
    using pending = new PendingRead();
    const { cb } = pending;
    for (
      const submit of [
        () => aio_read(cb),
        () => aio_write(cb),
        () => aio_fsync(O_SYNC, cb),
        () => lio_listio(LIO_NOWAIT, [cb], null),
      ]
    ) {
      const { message } = assertCode("EBUSY", submit);
      assert(/the control block is in flight \(read 16 bytes at offset 0 of descriptor \d+\)$/.test(message), message);
    }
    assertEquals(aio_error(cb), EINPROGRESS);
  });

  it("keeps its members", () => {
    using pending = new PendingRead();
    const { cb } = pending;
    const changes: (() => void)[] = [
      () => cb.aio_fildes = 0,
      () => cb.aio_offset = 1,
      () => cb.aio_buf = null,
      () => cb.aio_nbytes = 1,
      () => cb.aio_reqprio = 1,
      () => cb.aio_lio_opcode = 1,
      () => cb.aio_sigevent = {},
      () => cb.aio_sigevent.sigev_notify = 0,
      () => cb.aio_sigevent.sigev_signo = 1,
      () => cb.aio_sigevent.sigev_value = 1,
      () => cb.aio_sigevent.sigev_notify_function = () => {},
    ];
    for (const change of changes) assert(assertCode("EBUSY", change).message.includes("in flight"));
    assertEquals([cb.aio_fildes, cb.aio_nbytes, cb.aio_buf?.length], [pending.sockets.fd, 16, 16]);
  });

  it("is free again as soon as the request has ended, without being asked", async () => {
    using pending = new PendingRead();
    pending.sockets.send(16);
    for (let turn = 0; partsOf(pending.cb, "").control.state === "in flight" && turn < 100; turn++) {
      await sleep(5);
      try {
        pending.cb.aio_offset = 3;
      } catch (error) {
        assertEquals((error as sys.AioError).code, "EBUSY");
      }
    }
    assertEquals([pending.cb.aio_offset, aio_return(pending.cb)], [3, 16]);
  });

  it("keeps its memory when it is disposed, until libc is done", () => {
    using sockets = new SocketPair();
    const cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: allocate(16), aio_nbytes: 16 });
    const address = addressOf(cb);
    const { control } = partsOf(cb, "");
    aio_read(cb);
    cb[Symbol.dispose]();
    const others = Array.from({ length: 600 }, () => new Aiocb());
    assertFalse(others.some((other) => addressOf(other) === address));
    assertEquals(control.state, "in flight");
    sockets.send(16);
    let again = new Aiocb();
    for (let turn = 0; addressOf(again) !== address && turn < 1e5; turn++) again = new Aiocb();
    assertEquals(addressOf(again), address);
    assertNotEquals(control.state, "in flight");
    assertEquals(aio_error(again), answers.returnsOnce ? sys.EINVAL : 0);
  });

  it("keeps its memory and its buffer when it is forgotten", async () => {
    const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});
    using sockets = new SocketPair();
    const addresses = new Set<number>();
    (() => {
      for (let index = 0; index < 50; index++) {
        const cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: new Uint8Array(64), aio_nbytes: 64 });
        addresses.add(addressOf(cb));
        aio_read(cb);
      }
    })();
    for (let round = 0; round < 5; round++) {
      collect();
      await sleep(5);
      for (let index = 0; index < 100; index++) assertFalse(addresses.has(addressOf(new Aiocb())));
      Array.from({ length: 1000 }, () => new Uint8Array(64).fill(round));
    }
    for (let index = 0; index < 50; index++) sockets.send(64);
    using last = new Aiocb({ aio_fildes: sockets.fd, aio_buf: allocate(1), aio_nbytes: 1 });
    aio_read(last);
    sockets.send(1);
    assertEquals(outcome(last), 0);
  });

  it("is disposed as often as somebody likes, and then refused", () => {
    const cb = new Aiocb();
    cb[Symbol.dispose]();
    cb[Symbol.dispose]();
    for (
      const use of [
        () => aio_read(cb),
        () => aio_error(cb),
        () => aio_return(cb),
        () => aio_suspend([cb], null),
        () => lio_listio(LIO_NOWAIT, [cb], null),
        () => sys.aio_cancel(0, cb),
        () => cb.aio_fildes = 1,
      ]
    ) assertThrows(use, TypeError, "the control block is disposed");
    assertNotEquals(addressOf(new Aiocb()), addressOf(new Aiocb()));
  });
});

describe("a buffer", () => {
  it("that is too short is refused with a RangeError", () => {
    using file = new TestFile(pattern(100));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(10), aio_nbytes: 11 });
    const text = "aio_nbytes is 11, but aio_buf has 10 bytes";
    assertThrows(() => aio_read(cb), RangeError, text);
    assertThrows(() => aio_write(cb), RangeError, text);
    cb.aio_buf = new Uint8Array(0);
    assertThrows(() => aio_read(cb), RangeError);
  });

  it("that is detached is refused with a TypeError", () => {
    using file = new TestFile(pattern(100));
    const buffer = new Uint8Array(10);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: buffer, aio_nbytes: 10 });
    buffer.buffer.transfer();
    assertThrows(() => aio_read(cb), TypeError, "detached");
    cb.aio_nbytes = 0;
    assertThrows(() => aio_read(cb), TypeError, "detached");
  });

  it("may be a part of a larger one, a shared one, a resizable one or a Buffer", () => {
    using file = new TestFile(pattern(100));
    const whole = new Uint8Array(64);
    const resizable = new Uint8Array(new ArrayBuffer(16, { maxByteLength: 1 << 17 }));
    const shared = new Uint8Array(new SharedArrayBuffer(16));
    for (
      const aio_buf of [whole.subarray(8, 24), resizable, shared, globalThis.Buffer?.alloc(16) ?? new Uint8Array(16)]
    ) {
      using cb = new Aiocb({ aio_fildes: file.fd, aio_buf, aio_nbytes: 16 });
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 16]);
      assertEquals([...aio_buf], [...pattern(16)]);
    }
    assertEquals([...whole.subarray(0, 8), ...whole.subarray(24)], Array(48).fill(0));
  });

  it("of a few bytes is read into, though engines move such arrays", () => {
    using file = new TestFile(pattern(100));
    const list = Array.from(
      { length: 64 },
      (_, index) => new Aiocb({ aio_fildes: file.fd, aio_buf: new Uint8Array(1 + index), aio_nbytes: 1 + index }),
    );
    list.forEach(aio_read);
    assertEquals(outcomes(list), Array(64).fill(0));
    for (const [index, cb] of list.entries()) assertEquals(cb.aio_buf, pattern(1 + index));
  });

  it("is held by the block while a request is in flight", () => {
    using writes = new SocketWrites(BLOCKED + 1).submit();
    const { control } = partsOf(writes.list[BLOCKED], "");
    assert(control.buffers[0] === writes.list[BLOCKED].aio_buf);
    writes.drain();
    assertEquals(control.buffers, []);
  });
});

describe("allocate", () => {
  it("gives zeroed bytes, aligned to a page", () => {
    for (const bytes of [0, 1, 4096, 5000, 1 << 21]) {
      using array = allocate(bytes);
      assertEquals([array.length, array.byteOffset], [bytes, 0]);
      assertEquals(array.findIndex((byte) => byte !== 0), -1);
      array.fill(255);
    }
  });

  it("refuses what is no size", () => {
    for (const bytes of [-1, 1.5, NaN, 2 ** 31 + 1, "4" as unknown as number]) {
      assertThrows(() => allocate(bytes), RangeError, "Cannot allocate");
    }
  });

  it("does not use memory again while a request in flight uses it", () => {
    using sockets = new SocketPair();
    const buffer = allocate(3000);
    using cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: buffer, aio_nbytes: 3000 });
    aio_read(cb);
    buffer[Symbol.dispose]();
    const others = Array.from({ length: 20 }, () => allocate(3000));
    assertFalse(others.some(({ buffer: memory }) => memory === buffer.buffer));
    sockets.send(100);
    outcome(cb);
    assert(allocate(3000).buffer === buffer.buffer);
  });

  it("keeps the bytes of a buffer that a script transferred away while libc writes to them", () => {
    using sockets = new SocketPair();
    const buffer = allocate(64);
    using cb = new Aiocb({ aio_fildes: sockets.fd, aio_buf: buffer, aio_nbytes: 64 });
    aio_read(cb);
    const moved = new Uint8Array(buffer.buffer.transfer());
    sockets.send(64);
    assertEquals([outcome(cb), aio_return(cb)], [0, 64]);
    assert(moved.length >= 64);
    assertThrows(() => aio_read(cb), TypeError, "detached");
  });
});

describe("a member", () => {
  it("takes what its C type can hold, as a number or a bigint", () => {
    using cb = new Aiocb({ aio_fildes: -(2 ** 31), aio_offset: 2n ** 53n - 1n, aio_nbytes: 5n, aio_reqprio: 20 });
    assertEquals([cb.aio_fildes, cb.aio_offset, cb.aio_nbytes, cb.aio_reqprio], [-(2 ** 31), 2 ** 53 - 1, 5, 20]);
  });

  it("refuses what its C type cannot hold", () => {
    using cb = new Aiocb();
    const out: (readonly [keyof sys.AiocbMembers, number | bigint])[] = [
      ...([["aio_fildes", 2 ** 31], ["aio_fildes", 0.5], ["aio_fildes", NaN], ["aio_nbytes", -1]] as const),
      ...([["aio_offset", 2n ** 63n], ["aio_offset", Infinity], ["aio_lio_opcode", NaN]] as const),
    ];
    for (const [member, value] of out) {
      assertThrows(() => (cb as unknown as Record<string, unknown>)[member] = value, RangeError, member);
    }
    for (const value of ["1", null, undefined, {}]) {
      assertThrows(() => cb.aio_fildes = value as number, TypeError, "aio_fildes");
    }
    for (const value of ["buffer", new ArrayBuffer(8), [1, 2], new Uint16Array(4)]) {
      assertThrows(() => cb.aio_buf = value as unknown as Uint8Array, TypeError, "aio_buf");
    }
    assertThrows(() => cb.aio_sigevent.sigev_notify_function = 5 as unknown as () => void, TypeError);
    assertThrows(() => cb.aio_sigevent.sigev_signo = 2 ** 40, RangeError, "sigev_signo");
  });

  it("of aio_sigevent is set alone or with the others", () => {
    using cb = new Aiocb({ aio_sigevent: { sigev_notify: 0, sigev_signo: 12, sigev_value: 7 } });
    const event = cb.aio_sigevent;
    assertEquals([event.sigev_notify, event.sigev_signo, event.sigev_value], [0, 12, 7]);
    event.sigev_value = 8;
    assertEquals(cb.aio_sigevent.sigev_value, 8);
    cb.aio_sigevent = {};
    assertEquals([event.sigev_notify, event.sigev_signo, event.sigev_value], [sys.SIGEV_NONE, 0, 0]);
  });
});

describe("a wrong argument", () => {
  it("is refused with a TypeError that names the function", () => {
    const wrong = {} as Aiocb;
    assertThrows(() => aio_read(wrong), TypeError, "aio_read(): expected an Aiocb, got object");
    assertThrows(() => aio_write(null as unknown as Aiocb), TypeError, "aio_write(): expected an Aiocb, got null");
    assertThrows(() => aio_error(undefined as unknown as Aiocb), TypeError, "got undefined");
    assertThrows(() => aio_return(wrong), TypeError, "aio_return");
    using cb = new Aiocb();
    assertThrows(() => aio_fsync("x" as unknown as number, cb), TypeError, "op is not a number");
    assertThrows(() => sys.aio_cancel("0" as unknown as number, null), TypeError, "fd is not a number");
    assertThrows(() => sys.aio_cancel(2 ** 40, null), RangeError, "does not fit a C int");
    assertThrows(() => sys.aio_cancel(0, wrong), TypeError, "aio_cancel");
  });
});

describe("a function that the platform lacks", () => {
  it("throws ENOSYS and names the platform and what to use instead", () => {
    using cb = new Aiocb();
    const missing: [string, () => unknown, string][] = onFreebsd ? [["aio_init", () => sys.aio_init({}), "leave"]] : [
      ["aio_readv", () => sys.aio_readv(cb), "lio_listio"],
      ["aio_writev", () => sys.aio_writev(cb), "lio_listio"],
      ["aio_read2", () => sys.aio_read2(cb, 0), "aio_read()"],
      ["aio_write2", () => sys.aio_write2(cb, 0), "aio_write()"],
      ["aio_waitcomplete", () => sys.aio_waitcomplete(null), "aio_suspend"],
      ["aio_mlock", () => sys.aio_mlock(cb), "allocate"],
    ];
    for (const [name, call, instead] of missing) {
      const error = assertCode("ENOSYS", call);
      assertEquals([error.syscall, error.errno], [name, sys.ENOSYS]);
      assert(error.message.includes(platform().name) && error.message.includes(instead), error.message);
    }
  });

  itUnless(onFreebsd ? "FreeBSD has it" : undefined, "is no way for a queue to wait", () => {
    const error = assertCode("ENOSYS", () => new AioQueue({ waiter: "kqueue" }));
    assert(error.message.includes(platform().name) && error.message.includes('use "suspend"'), error.message);
  });

  itUnless(onFreebsd ? "FreeBSD has them all" : undefined, "leaves constants that nothing takes", () => {
    assertEquals([sys.SIGEV_KEVENT, sys.LIO_READV, sys.AIO_OP2_FOFFSET], [NaN, NaN, NaN]);
    assertEquals([sys.AIO_LISTIO_MAX, sys.AIO_PRIO_DELTA_MAX, sys.IOV_MAX], [
      Infinity,
      20,
      1024,
    ]);
  });
});

describe("aio_init", () => {
  const noPool = onGlibc ? undefined : "only glibc has a pool to set up";
  itUnless(noPool, "takes settings at any time, as glibc does, and refuses what is no number", () => {
    assertEquals(sys.aio_init({ aio_threads: 20, aio_num: 64, aio_idle_time: 1 }), undefined);
    assertEquals(sys.aio_init({}), undefined);
    assertThrows(() => sys.aio_init({ aio_threads: 2 ** 33 }), RangeError, "aio_threads");
    assertThrows(() => sys.aio_init({ aio_num: "64" as unknown as number }), TypeError, "aio_num");
    using file = new TestFile(pattern(8));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8, aio_lio_opcode: LIO_READ });
    aio_read(cb);
    assertEquals(outcome(cb), 0);
  });
});
