// SIGEV_KEVENT: the event of a request in a kqueue, how often it comes, and the kqueue itself; the wait for any request. Runs on Bun in short runs.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, held, itOrders, pause } from "./on_freebsd.ts";
import { answering } from "./choose.ts";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import * as sys from "../../sys.ts";
import {
  aio_read,
  aio_return,
  aio_waitcomplete,
  Aiocb,
  AioError,
  allocate,
  kevent,
  kqueue,
  kqueue_close,
} from "../../sys.ts";
import { registerQueue } from "../../sys/queue_hook.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";
import { Pair } from "./raw.ts";

const SOON = { tv_sec: 10, tv_nsec: 0 };
const NOW = { tv_sec: 0, tv_nsec: 0 };

/** What an open descriptor that is no kqueue is refused with: 15.0 takes it for a bad one. */
const NOT_A_KQUEUE = answering < 1501 ? "EBADF" : "EINVAL";

/** A kqueue that is closed at the end of the scope. */
class Kqueue implements Disposable {
  readonly fd: number = kqueue();

  events(timeout: typeof SOON = SOON) {
    return kevent(this.fd, [], 8, timeout);
  }

  [Symbol.dispose](): void {
    kqueue_close(this.fd);
  }
}

function readOf(fd: number, bytes: number, queue?: Kqueue, flags = 0, sigev_value = 0): Aiocb {
  const cb = new Aiocb({ aio_fildes: fd, aio_buf: allocate(bytes), aio_nbytes: bytes });
  if (queue !== undefined) {
    cb.aio_sigevent = {
      ...{ sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: queue.fd, sigev_notify_kevent_flags: flags },
      sigev_value,
    };
  }
  return cb;
}

describeFreebsd("the event of a request", () => {
  it("tells which one, its error, and its sigev_value", () => {
    using file = new TestFile(pattern(8));
    using queue = new Kqueue();
    using cb = readOf(file.fd, 8, queue, sys.EV_ONESHOT, 99);
    aio_read(cb);
    const events = queue.events();
    assertEquals(events.length, 1);
    const [{ filter, flags, data, udata, iocb }] = events;
    assertEquals([filter, data, udata], [sys.EVFILT_AIO, 0, 99]);
    assert((flags & sys.EV_EOF) !== 0 && iocb === cb, `flags ${flags}`);
    assertEquals(aio_return(cb), 8);
  });

  it("tells the error number of one that failed", () => {
    using file = new TestFile(pattern(8));
    using queue = new Kqueue();
    const fd = openSync(dirname(file.path), "r");
    using cb = readOf(fd, 8, queue, sys.EV_ONESHOT);
    aio_read(cb);
    assertEquals(queue.events()[0].data, sys.EISDIR);
    assertCode("EISDIR", () => aio_return(cb));
    closeSync(fd);
  });

  it("tells of one that was cancelled", () => {
    using pair = new Pair();
    using queue = new Kqueue();
    using cb = readOf(pair.fd, 2, queue);
    aio_read(cb);
    assertEquals(queue.events(NOW), []);
    sys.aio_cancel(pair.fd, cb);
    assertEquals(queue.events()[0].data, sys.ECANCELED);
    assertCode("ECANCELED", () => aio_return(cb));
  });

  it("comes again until the request is reaped, unless its flags say otherwise", () => {
    using file = new TestFile(pattern(8));
    using queue = new Kqueue();
    const again: [number, number][] = [[0, 1], [sys.EV_ONESHOT, 0], [sys.EV_CLEAR, 0], [sys.EV_DISPATCH, 0]];
    for (const [flags, more] of again) {
      using cb = readOf(file.fd, 8, queue, flags);
      aio_read(cb);
      assertEquals(queue.events().length, 1);
      assertEquals(queue.events(NOW).length, more);
      aio_return(cb);
      assertEquals(queue.events(NOW), []);
    }
  });

  it("comes for each of many", () => {
    using file = new TestFile(pattern(8));
    using queue = new Kqueue();
    const list = Array.from({ length: 100 }, (_, index) => readOf(file.fd, 8, queue, sys.EV_ONESHOT, index));
    for (const cb of list) aio_read(cb);
    const seen = new Set<number>();
    while (seen.size < 100) {
      for (const { iocb, udata } of kevent(queue.fd, [], 16, SOON)) {
        assert(iocb === list[udata] && !seen.has(udata));
        seen.add(udata);
        assertEquals(aio_return(iocb), 8);
      }
    }
    assertEquals(queue.events(NOW), []);
  });

  it("is refused with other flags, and with a kqueue that is closed or none", () => {
    using file = new TestFile(pattern(8));
    using queue = new Kqueue();
    using cb = readOf(file.fd, 8, queue, sys.EV_ADD);
    assertCode("EINVAL", () => aio_read(cb));
    const closed = new Kqueue();
    closed[Symbol.dispose]();
    for (const fd of [closed.fd, -1, file.fd]) {
      cb.aio_sigevent = { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: fd };
      assertCode(fd === file.fd ? NOT_A_KQUEUE : "EBADF", () => aio_read(cb));
    }
    assertThrows(() => cb.aio_sigevent.sigev_notify_kevent_flags = -1, RangeError);
    assertThrows(() => cb.aio_sigevent.sigev_notify_kqueue = 2 ** 40, RangeError);
  });
});

describeFreebsd("kevent", () => {
  it("wakes by EVFILT_USER, once for each trigger with EV_CLEAR", () => {
    using queue = new Kqueue();
    const user = { ident: 3, filter: sys.EVFILT_USER };
    assertEquals(kevent(queue.fd, [{ ...user, flags: sys.EV_ADD | sys.EV_CLEAR, udata: 5 }], 0), []);
    assertEquals(queue.events(NOW), []);
    for (let round = 0; round < 2; round++) {
      kevent(queue.fd, [{ ...user, fflags: sys.NOTE_TRIGGER, udata: 5 }], 0);
      const [event] = queue.events();
      assertEquals([event.ident, event.filter, event.udata], [3, sys.EVFILT_USER, 5]);
      assertEquals(queue.events(NOW), []);
    }
    kevent(queue.fd, [{ ...user, flags: sys.EV_DELETE }], 0);
    assertCode("ENOENT", () => kevent(queue.fd, [{ ...user, fflags: sys.NOTE_TRIGGER }], 0));
  });

  it("waits no longer than it is told", () => {
    using queue = new Kqueue();
    const began = performance.now();
    assertEquals(queue.events({ tv_sec: 0, tv_nsec: 50_000_000 }), []);
    assert(performance.now() - began > 40);
  });

  it("refuses a closed kqueue, other descriptors, a bad time, and events that only the kernel adds", () => {
    using file = new TestFile();
    const closed = new Kqueue();
    closed[Symbol.dispose]();
    for (const fd of [closed.fd, -1]) assertCode("EBADF", () => kevent(fd, [], 1, NOW));
    assertCode(NOT_A_KQUEUE, () => kevent(file.fd, [], 1, NOW));
    for (const fd of [closed.fd, file.fd]) assertCode("EBADF", () => kqueue_close(fd));
    using queue = new Kqueue();
    assertCode("EINVAL", () => queue.events({ tv_sec: 0, tv_nsec: 1e9 }));
    assertCode("EPERM", () => kevent(queue.fd, [{ ident: 1, filter: sys.EVFILT_AIO, flags: sys.EV_ADD }], 0));
    const [event] = kevent(queue.fd, [{ ident: 1, filter: sys.EVFILT_AIO, flags: sys.EV_ADD }], 1, NOW);
    assertEquals([event.flags & sys.EV_ERROR, event.data], [sys.EV_ERROR, sys.EPERM]);
    assertThrows(() => kevent(queue.fd, [], -1), RangeError);
    assertThrows(() => kevent(queue.fd, [], 1025), RangeError);
    assertThrows(() => kevent(queue.fd, {} as [], 1), TypeError);
    assertThrows(() => kevent("1" as unknown as number, [], 1), TypeError);
    assertThrows(() => kevent(queue.fd, [{ filter: 2 ** 20 }], 1), RangeError);
  });
});

describeFreebsd("aio_waitcomplete", () => {
  it("gives requests in the order in which they ended, and takes their results", () => {
    using file = new TestFile(pattern(8));
    const list = [5, 3, 8].map((bytes) => readOf(file.fd, bytes));
    for (const cb of list) {
      aio_read(cb);
      outcome(cb);
    }
    for (const [index, bytes] of [5, 3, 8].entries()) {
      assertEquals(aio_waitcomplete(SOON), { iocb: list[index], bytes });
      assertCode("EINVAL", () => aio_return(list[index]));
    }
    assertEquals(assertCode("EAGAIN", () => aio_waitcomplete(NOW)).syscall, "aio_waitcomplete");
  });

  it("throws the error of one that failed, which it names", () => {
    using file = new TestFile(pattern(8));
    const fd = openSync(dirname(file.path), "r");
    const cb = readOf(fd, 8);
    aio_read(cb);
    const error = assertThrows(() => aio_waitcomplete(null), AioError);
    assertEquals([error.code, error.syscall, error.iocb === cb], ["EISDIR", "aio_read", true]);
    assertCode("EAGAIN", () => aio_waitcomplete(NOW));
    closeSync(fd);
  });

  it("waits no longer than it is told, and refuses a bad time", () => {
    using pair = new Pair();
    using cb = readOf(pair.fd, 2);
    aio_read(cb);
    const began = performance.now();
    assertCode("EAGAIN", () => aio_waitcomplete({ tv_sec: 0, tv_nsec: 50_000_000 }));
    assert(performance.now() - began > 40);
    assertCode("EINVAL", () => aio_waitcomplete({ tv_sec: 0, tv_nsec: -1 }));
    assertCode("EINVAL", () => aio_waitcomplete({ tv_sec: -1, tv_nsec: 0 }));
    assertThrows(() => aio_waitcomplete(5 as unknown as null), TypeError);
    pair.send("ab");
    assertEquals(aio_waitcomplete(SOON), { iocb: cb, bytes: 2 });
  });

  itOrders("passes over what was disposed", () => {
    using file = new TestFile(pattern(8));
    const dropped = readOf(file.fd, 4);
    using pair = new Pair();
    using wanted = readOf(pair.fd, 2);
    aio_read(wanted);
    aio_read(dropped);
    dropped[Symbol.dispose]();
    pair.send("ab");
    assertEquals(aio_waitcomplete(SOON), { iocb: wanted, bytes: 2 });
    for (let turn = 0; held() > 0 && turn < 10_000; turn++, pause()) {
      assertCode("EAGAIN", () => aio_waitcomplete(NOW)); // takes what was disposed, and does not give it
    }
    assertEquals(held(), 0);
  });

  it("is EBUSY while a queue has requests in flight", () => {
    let count = 2;
    const leave = registerQueue(() => count);
    const error = assertCode("EBUSY", () => aio_waitcomplete(NOW));
    assert(error.message.includes("2 requests of an AioQueue"), error.message);
    count = 0;
    assertCode("EAGAIN", () => aio_waitcomplete(NOW));
    count = 1;
    leave();
    assertCode("EAGAIN", () => aio_waitcomplete(NOW));
  });
});
