// The C interface on FreeBSD: what aio_read, aio_write, aio_fsync, aio_error, aio_return, aio_suspend and aio_cancel answer
// there, and that every request is reaped exactly once, whoever gives it up. Runs on Bun in short runs.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, held, hold, interruptAfter, itOrders, pause } from "./on_freebsd.ts";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import * as sys from "../../sys.ts";
import { aio_error, aio_read, aio_return, aio_suspend, aio_write, Aiocb, allocate, EINPROGRESS } from "../../sys.ts";
import { platform } from "../../structs/platform.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";
import { Pair } from "./raw.ts";

function readOf(fd: number, bytes: number, aio_offset = 0): Aiocb {
  return new Aiocb({ aio_fildes: fd, aio_buf: allocate(bytes), aio_nbytes: bytes, aio_offset });
}

/** A read of a socket on which nothing comes. */
function pendingRead(pair: Pair): Aiocb {
  const cb = readOf(pair.fd, 2);
  assertEquals(aio_read(cb), 0);
  return cb;
}

describeFreebsd("constants on FreeBSD", () => {
  it("have FreeBSD's values", () => {
    assertEquals([sys.AIO_CANCELED, sys.AIO_NOTCANCELED, sys.AIO_ALLDONE], [1, 2, 3]);
    assertEquals([sys.LIO_READ, sys.LIO_WRITE, sys.LIO_NOP, sys.LIO_WAIT, sys.LIO_NOWAIT], [2, 1, 0, 1, 0]);
    assertEquals([sys.LIO_READV, sys.LIO_WRITEV, sys.LIO_FOFFSET, sys.LIO_VECTORED], [6, 5, 64, 4]);
    assertEquals([sys.SIGEV_NONE, sys.SIGEV_SIGNAL, sys.SIGEV_THREAD, sys.SIGEV_KEVENT], [0, 1, 2, 3]);
    assertEquals([sys.AIO_OP2_FOFFSET, sys.AIO_OP2_VECTORED, sys.IOV_MAX], [1, 2, 1024]);
    assertEquals([sys.EAGAIN, sys.EINPROGRESS, sys.ECANCELED, sys.EOPNOTSUPP, sys.EOVERFLOW], [35, 36, 85, 45, 84]);
    assertEquals([sys.EVFILT_AIO, sys.EVFILT_LIO, sys.EVFILT_USER, sys.EV_ONESHOT], [-3, -10, -11, 16]);
    assert(platform().name.startsWith("freebsd-"), platform().name);
  });
});

describeFreebsd("a request on FreeBSD", () => {
  it("reads and writes at its offset", () => {
    using file = new TestFile(pattern(100));
    using read = readOf(file.fd, 10, 20);
    assertEquals(aio_read(read), 0);
    assertEquals(outcome(read), 0);
    assertEquals(aio_return(read), 10);
    assertEquals(read.aio_buf, pattern(10, 20) as Uint8Array);

    const aio_buf = allocate(4);
    aio_buf.set([1, 2, 3, 4]);
    using write = new Aiocb({ aio_fildes: file.fd, aio_buf, aio_nbytes: 4, aio_offset: 98 });
    assertEquals(aio_write(write), 0);
    assertEquals([outcome(write), aio_return(write)], [0, 4]);
    assertEquals([...file.content().slice(96)], [...pattern(2, 96), 1, 2, 3, 4]);
  });

  it("reads what is there at the end of the file, and nothing behind it", () => {
    using file = new TestFile(pattern(12));
    for (const [offset, expected] of [[8, 4], [12, 0], [1000, 0], [2 ** 53 - 1, 0]]) {
      using cb = readOf(file.fd, 10, offset);
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, expected]);
    }
  });

  it("syncs with O_SYNC and O_DSYNC, and EINVAL tells of another operation", () => {
    using file = new TestFile(pattern(8));
    for (const op of [sys.O_SYNC, sys.O_DSYNC]) {
      using cb = new Aiocb({ aio_fildes: file.fd });
      assertEquals(sys.aio_fsync(op, cb), 0);
      assertEquals([outcome(cb), aio_return(cb)], [0, 0]);
    }
    using cb = new Aiocb({ aio_fildes: file.fd });
    assertCode("EINVAL", () => sys.aio_fsync(0, cb));
  });

  itOrders("waits with a sync for the writes before it", () => {
    using file = new TestFile();
    using write = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    using sync = new Aiocb({ aio_fildes: file.fd });
    {
      using _held = hold();
      aio_write(write);
      sys.aio_fsync(sys.O_SYNC, sync);
      assertEquals([aio_error(write), aio_error(sync)], [EINPROGRESS, EINPROGRESS]);
    }
    assertEquals([outcome(sync), aio_error(write)], [0, 0]);
    assertEquals([aio_return(write), aio_return(sync)], [8, 0]);
  });

  it("locks memory by aio_mlock()", () => {
    using cb = new Aiocb({ aio_buf: allocate(4096), aio_nbytes: 4096 });
    assertEquals(sys.aio_mlock(cb), 0);
    assertEquals([outcome(cb), aio_return(cb)], [0, 0]);
  });

  it("is unknown before it is submitted and after its result was taken", () => {
    using file = new TestFile(pattern(8));
    using cb = readOf(file.fd, 8);
    const isUnknown = () => {
      assertEquals(aio_error(cb), sys.EINVAL);
      const error = assertCode("EINVAL", () => aio_return(cb));
      assertEquals([error.errno, error.syscall], [22, "aio_return"]);
    };
    isUnknown();
    for (let round = 0; round < 2; round++) {
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
      isUnknown();
    }
  });

  it("that failed gives its own error once, and its number ever after", () => {
    using file = new TestFile();
    const folder = new TestFile();
    folder[Symbol.dispose]();
    using cb = readOf(1000, 8);
    const refused = assertCode("EBADF", () => aio_read(cb));
    assertEquals([refused.errno, refused.syscall], [9, "aio_read"]);
    assert(refused.message.includes("read 8 bytes at offset 0 of descriptor 1000"), refused.message);
    assertEquals(aio_error(cb), 9); // what the kernel left in the block
    assertCode("EINVAL", () => aio_return(cb)); // there is nothing to take
    cb.aio_fildes = file.fd;
    aio_read(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 0]);
  });

  it("in flight cannot be asked for its result, submitted again or changed", () => {
    using pair = new Pair();
    using cb = pendingRead(pair);
    assertEquals(aio_error(cb), EINPROGRESS);
    assertCode("EINVAL", () => aio_return(cb));
    assertCode("EBUSY", () => aio_read(cb));
    assertCode("EBUSY", () => cb.aio_offset = 5);
    assertCode("EBUSY", () => cb.aio_iov = []);
    pair.send("ab");
    assertEquals([outcome(cb), aio_return(cb)], [0, 2]);
  });

  it("tells its end by a signal", async () => {
    const arrived: string[] = [];
    process.on("SIGUSR2", () => void arrived.push("SIGUSR2"));
    using file = new TestFile(pattern(8));
    using cb = readOf(file.fd, 8);
    cb.aio_sigevent = { sigev_notify: sys.SIGEV_SIGNAL, sigev_signo: platform().constants.SIGUSR2 };
    aio_read(cb);
    for (let turn = 0; arrived.length === 0 && turn < 500; turn++) await sleep(10);
    assertEquals([arrived, aio_return(cb)], [["SIGUSR2"], 8]);
  });

  it("is refused with a bad signal, and with a function, which FreeBSD's libc does not know", () => {
    using file = new TestFile(pattern(8));
    using cb = readOf(file.fd, 8);
    cb.aio_sigevent = { sigev_notify: sys.SIGEV_SIGNAL };
    assertCode("EINVAL", () => aio_read(cb));
    cb.aio_sigevent = { sigev_notify: 9 };
    assertCode("EINVAL", () => aio_read(cb));
    cb.aio_sigevent = { sigev_notify: sys.SIGEV_THREAD, sigev_notify_function: () => {} };
    const error = assertCode("ENOTSUP", () => aio_read(cb));
    assert(error.message.includes("SIGEV_KEVENT"), error.message);
  });
});

describeFreebsd("reaping", () => {
  itOrders("takes one place until aio_return(), and no place afterwards", () => {
    using file = new TestFile(pattern(8));
    using cb = readOf(file.fd, 8);
    assertEquals(held(), 0);
    aio_read(cb);
    outcome(cb);
    assertEquals(held(), 1);
    aio_return(cb);
    assertEquals(held(), 0);
  });

  itOrders("happens for a block that is disposed, in flight or ended", () => {
    using file = new TestFile(pattern(8));
    using pair = new Pair();
    const ended = readOf(file.fd, 8);
    aio_read(ended);
    outcome(ended);
    const pending = pendingRead(pair);
    assertEquals(held(), 2);
    ended[Symbol.dispose]();
    pending[Symbol.dispose]();
    assertEquals(held(), 1);
    pair.send("ab");
    for (let turn = 0; held() > 0 && turn < 10_000; turn++, pause()) new Aiocb()[Symbol.dispose]();
    assertEquals(held(), 0);
  });

  itOrders("happens for a block that is submitted again before its result was taken", () => {
    using file = new TestFile(pattern(8));
    using cb = readOf(file.fd, 8);
    for (let round = 0; round < 5; round++) {
      aio_read(cb);
      outcome(cb);
      assertEquals(held(), 1);
    }
    assertEquals(aio_return(cb), 8);
    assertEquals(held(), 0);
  });

  itOrders("happens for blocks that nobody has any more when their place is needed", () => {
    using file = new TestFile(pattern(8));
    const blocks = Array.from({ length: 256 }, () => readOf(file.fd, 1));
    {
      using _held = hold();
      for (const cb of blocks) aio_read(cb);
      for (const cb of blocks) cb[Symbol.dispose]();
    }
    for (let turn = 0; turn < 500; turn++) pause(); // long enough for all to end, and nobody reaps them
    assertEquals(held(), 256);
    const before = Array.from({ length: 256 }, () => readOf(file.fd, 1)); // the first of them reaps all
    for (const cb of before) assertEquals(aio_read(cb), 0);
    for (const cb of before) assertEquals([outcome(cb), aio_return(cb)], [0, 1]);
    for (const cb of before) cb[Symbol.dispose]();
    assertEquals(held(), 0);
  });

  it("leaves the buffer alone that is used again after the end", () => {
    using file = new TestFile(pattern(64));
    for (let round = 0; round < 50; round++) {
      using bytes = allocate(64);
      using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: bytes, aio_nbytes: 64 });
      aio_read(cb);
      outcome(cb);
      assertEquals(aio_return(cb), 64);
      assertEquals(bytes.slice(), pattern(64) as Uint8Array);
    }
  });
});

describeFreebsd("aio_suspend on FreeBSD", () => {
  it("returns when a request has ended, times out with EAGAIN, and waits for what is in flight only", () => {
    using pair = new Pair();
    using file = new TestFile(pattern(8));
    using pending = pendingRead(pair);
    using never = new Aiocb();
    assertEquals([aio_suspend([]), aio_suspend([null]), aio_suspend([never])], [0, 0, 0]);
    const began = performance.now();
    const error = assertCode("EAGAIN", () => aio_suspend([pending, never, null], { tv_sec: 0, tv_nsec: 50_000_000 }));
    assert(performance.now() - began > 40, "it did not wait");
    assertEquals([error.errno, error.syscall], [35, "aio_suspend"]);
    assertCode("EAGAIN", () => aio_suspend([pending], { tv_sec: 0, tv_nsec: 0 }));
    assertCode("EINVAL", () => aio_suspend([pending], { tv_sec: 0, tv_nsec: 1e9 }));
    assertCode("EINVAL", () => aio_suspend([pending], { tv_sec: -1, tv_nsec: 0 }));
    using ended = readOf(file.fd, 8);
    aio_read(ended);
    assertEquals(aio_suspend([pending, ended], null), 0);
    assertEquals([aio_suspend([pending, ended], null), aio_return(ended)], [0, 8]);
    pair.send("ab");
    assertEquals(aio_suspend([pending], { tv_sec: 10, tv_nsec: 0 }), 0);
    assertEquals(aio_return(pending), 2);
  });

  itOrders("ends with EINTR under a signal", async () => {
    let arrived = 0;
    process.on("SIGUSR1", () => void arrived++);
    await sleep(1);
    using pair = new Pair();
    using cb = pendingRead(pair);
    interruptAfter(50);
    assertCode("EINTR", () => aio_suspend([cb], null));
    pair.send("ab");
    assertEquals([outcome(cb), aio_return(cb)], [0, 2]);
  });
});

describeFreebsd("aio_cancel on FreeBSD", () => {
  it("cancels a read that waits on a socket", () => {
    using pair = new Pair();
    using cb = pendingRead(pair);
    assertEquals(sys.aio_cancel(pair.peer, cb), sys.AIO_ALLDONE); // a request of another descriptor
    assertEquals(sys.aio_cancel(pair.fd, cb), sys.AIO_CANCELED);
    assertEquals(aio_error(cb), sys.ECANCELED);
    const error = assertCode("ECANCELED", () => aio_return(cb));
    assertEquals([error.errno, error.syscall], [85, "aio_read"]);
    assertEquals(aio_error(cb), sys.ECANCELED); // the kernel left it in the block
    assertCode("EINVAL", () => aio_return(cb));
  });

  it("cancels all of a descriptor, finds nothing on an idle one, and refuses one that is not open", () => {
    using pair = new Pair();
    const list = [pendingRead(pair), pendingRead(pair), pendingRead(pair)];
    assertEquals(sys.aio_cancel(pair.fd, null), sys.AIO_CANCELED);
    for (const cb of list) assertCode("ECANCELED", () => aio_return(cb));
    assertEquals(sys.aio_cancel(pair.fd, null), sys.AIO_ALLDONE);
    assertCode("EBADF", () => sys.aio_cancel(1000, null));
    assertThrows(() => sys.aio_cancel(pair.fd, {} as Aiocb), TypeError);
  });
});
