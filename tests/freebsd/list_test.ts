// lio_listio on FreeBSD: its limits, what it says of entries that cannot be queued, and its one event in a kqueue. Runs on Bun in short runs.

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, failNext, held, hold, itOrders } from "./on_freebsd.ts";
import * as sys from "../../sys.ts";
import {
  aio_error,
  aio_return,
  Aiocb,
  allocate,
  kevent,
  kqueue,
  kqueue_close,
  lio_listio,
  LIO_NOWAIT,
  LIO_WAIT,
} from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcomes } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";

const SOON = { tv_sec: 10, tv_nsec: 0 };

function reads(fd: number, count: number, members: AiocbMembers = {}): Aiocb[] {
  return Array.from({ length: count }, (_, index) =>
    new Aiocb({
      ...{ aio_fildes: fd, aio_buf: allocate(4), aio_nbytes: 4, aio_offset: index, aio_lio_opcode: sys.LIO_READ },
      ...members,
    }));
}

describeFreebsd("lio_listio on FreeBSD", () => {
  it("takes 256 entries and no more", () => {
    using file = new TestFile(pattern(300));
    const list = reads(file.fd, 256);
    assertEquals(lio_listio(LIO_WAIT, list, null), 0);
    for (const [index, cb] of list.entries()) {
      assertEquals(aio_return(cb), 4);
      assertEquals(cb.aio_buf, pattern(4, index) as Uint8Array);
    }
    const more = reads(file.fd, 300);
    const error = assertCode("EINVAL", () => lio_listio(LIO_WAIT, more, null));
    assertEquals(error.errno, 22);
    assertEquals(more.map(aio_error), more.map(() => sys.EINVAL)); // none was queued
    lio_listio(LIO_WAIT, more.slice(0, 200), null);
    for (const cb of more.slice(0, 200)) assertEquals(aio_return(cb), 4);
  });

  it("skips null and LIO_NOP, takes an empty list, and refuses another mode", () => {
    using file = new TestFile(pattern(8));
    const nop = new Aiocb({ aio_fildes: file.fd, aio_lio_opcode: sys.LIO_NOP });
    assertEquals([lio_listio(LIO_WAIT, [null, nop], null), lio_listio(LIO_NOWAIT, [], null)], [0, 0]);
    assertEquals(aio_error(nop), sys.EINVAL);
    assertCode("EINVAL", () => lio_listio(7, [], null));
  });

  it("queues the others when an entry cannot be, and says EIO", () => {
    using file = new TestFile(pattern(20));
    const list = [...reads(file.fd, 2), ...reads(1000, 1), ...reads(file.fd, 1, { aio_lio_opcode: 99 })];
    for (const mode of [LIO_WAIT, LIO_NOWAIT]) {
      const error = assertCode("EIO", () => lio_listio(mode, list, null));
      assert(error.message.includes("2 were refused, the first with EBADF"), error.message);
      assertEquals(outcomes(list), [0, 0, sys.EBADF, sys.EINVAL]);
      assertEquals(list.slice(0, 2).map((cb) => aio_return(cb)), [4, 4]);
      for (const cb of list.slice(2)) assertCode("EINVAL", () => aio_return(cb));
    }
  });

  itOrders("says nothing of requests that were queued and failed", () => {
    using file = new TestFile(pattern(20));
    const list = reads(file.fd, 1);
    failNext(sys.EIO);
    assertEquals(lio_listio(LIO_WAIT, list, null), 0);
    assertEquals(aio_error(list[0]), sys.EIO);
    assertCode("EIO", () => aio_return(list[0]));
    assertEquals(held(), 0);
  });

  it("takes no function", () => {
    using file = new TestFile(pattern(20));
    const event = { sigev_notify: sys.SIGEV_THREAD, sigev_notify_function: () => {} };
    assertCode("ENOTSUP", () => lio_listio(LIO_NOWAIT, reads(file.fd, 1), event));
  });
});

describeFreebsd("the event of a list", () => {
  it("comes once all requests have ended, with its sigev_value", () => {
    using file = new TestFile(pattern(20));
    const kq = kqueue();
    const list = reads(file.fd, 4);
    const event = { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: kq, sigev_value: 4711 };
    assertEquals(lio_listio(LIO_NOWAIT, list, event), 0);
    const events = kevent(kq, [], 8, SOON);
    assertEquals(events.map(({ filter, udata }) => [filter, udata]), [[sys.EVFILT_LIO, 4711]]);
    assertEquals(list.map(aio_error), [0, 0, 0, 0]);
    assertEquals(list.map((cb) => aio_return(cb)), [4, 4, 4, 4]);
    assertEquals(kevent(kq, [], 8, { tv_sec: 0, tv_nsec: 0 }), []); // gone with the last request
    kqueue_close(kq);
  });

  itOrders("can be told from those of other lists in flight, by an address of its own", () => {
    using file = new TestFile(pattern(20));
    const kq = kqueue();
    const lists = [1, 2, 3].map((count) => reads(file.fd, count));
    {
      using _held = hold();
      for (const [index, list] of lists.entries()) {
        const event = { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: kq, sigev_value: index };
        lio_listio(LIO_NOWAIT, list, event);
      }
      assertEquals(kevent(kq, [], 8, { tv_sec: 0, tv_nsec: 0 }), []);
    }
    for (const cb of lists.flat()) outcomes([cb]);
    const events = kevent(kq, [], 8, SOON);
    assertEquals(events.map(({ udata }) => udata), [0, 1, 2]);
    assertEquals(new Set(events.map(({ ident }) => ident)).size, 3);
    for (const cb of lists.flat()) aio_return(cb);
    // their places are free again: the next list may lie where one of them lay
    const again = reads(file.fd, 1);
    lio_listio(LIO_NOWAIT, again, { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: kq });
    const [event] = kevent(kq, [], 8, SOON);
    assert(events.some(({ ident }) => ident === event.ident), "the place is not used again");
    aio_return(again[0]);
    kqueue_close(kq);
  });

  it("is refused with a closed kqueue: EBADF, and nothing is queued", () => {
    using file = new TestFile(pattern(20));
    const kq = kqueue();
    kqueue_close(kq);
    const list = reads(file.fd, 2);
    const event = { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: kq };
    assertCode("EBADF", () => lio_listio(LIO_NOWAIT, list, event));
    assertEquals(list.map(aio_error), [sys.EBADF, sys.EBADF]);
    assertEquals(lio_listio(LIO_WAIT, list, null), 0);
    assertEquals(list.map((cb) => aio_return(cb)), [4, 4]);
  });
});
