// Statements of FreeBSD's aio_read(2) that no other test shows; docs/aio_read.md lists all of them with their tests. Runs on Bun in short runs.

import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd, failNext, hold, isReal, itOrders, itRefuses } from "./on_freebsd.ts";
import { libc } from "../../ffi/libc.ts";
import { platform } from "../../structs/platform.ts";
import * as sys from "../../sys.ts";
import { aio_error, aio_read, aio_read2, aio_readv, aio_return, Aiocb, allocate } from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";
import { bind, Block, Memory, outcomeOf, Pair, Scratch } from "./raw.ts";

const READS: readonly (readonly [string, (cb: Aiocb) => number])[] = [
  ["aio_read", aio_read],
  ["aio_readv", aio_readv],
  ["aio_read2", (cb) => aio_read2(cb, 0)],
  ["aio_read2 of several buffers", (cb) => aio_read2(cb, sys.AIO_OP2_VECTORED)],
];

/** A block for any of the calls: the vectored ones get one buffer in an array. */
function blockFor(name: string, fd: number, members: AiocbMembers = {}): Aiocb {
  const isVectored = name === "aio_readv" || name.endsWith("several buffers");
  const where = isVectored ? { aio_iov: [allocate(8)], aio_iovcnt: 1 } : { aio_buf: allocate(8), aio_nbytes: 8 };
  return new Aiocb({ aio_fildes: fd, ...where, ...members });
}

describeFreebsd("each of aio_read, aio_readv and aio_read2", () => {
  itOrders("returns while the read has not begun", () => {
    using file = new TestFile(pattern(8));
    for (const [name, call] of READS) {
      using cb = blockFor(name, file.fd);
      {
        using _held = hold();
        assertEquals([call(cb), aio_error(cb)], [0, sys.EINPROGRESS], name);
      }
      assertEquals([outcome(cb), aio_return(cb)], [0, 8], name);
    }
  });

  it("returns 0 when the request is queued, throws with errno when it is not", () => {
    using file = new TestFile(pattern(8));
    for (const [name, call] of READS) {
      using cb = blockFor(name, file.fd);
      assertEquals(call(cb), 0, name);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8], name);
      cb.aio_fildes = 1000;
      assertEquals(assertCode("EBADF", () => call(cb)).errno, 9, name);
      assertCode("EINVAL", () => aio_return(cb)); // nothing was queued
    }
  });

  it("refuses an offset below 0 and a sigevent that is none", () => {
    using file = new TestFile(pattern(8));
    for (const [name, call] of READS) {
      assertCode("EINVAL", () => call(blockFor(name, file.fd, { aio_offset: -1 })));
      assertCode("EINVAL", () => call(blockFor(name, file.fd, { aio_sigevent: { sigev_notify: 77 } })));
    }
  });

  itRefuses("refuses a pipe", () => {
    using pipe = new Pair("pipe");
    for (const [name, call] of READS) assertCode("EOPNOTSUPP", () => call(blockFor(name, pipe.fd)));
  });

  it("has no room when 256 requests are not reaped", () => {
    using file = new TestFile(pattern(8));
    const list = Array.from({ length: 256 }, () => blockFor("aio_read", file.fd));
    for (const cb of list) aio_read(cb);
    for (const [name, call] of READS) assertCode("EAGAIN", () => call(blockFor(name, file.fd)));
    for (const cb of list) assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
  });

  itOrders("gives the error of a read that failed through aio_error() and aio_return()", () => {
    using file = new TestFile(pattern(8));
    for (const [name, call] of READS) {
      using cb = blockFor(name, file.fd);
      failNext(sys.EOVERFLOW);
      call(cb);
      assertEquals(outcome(cb), sys.EOVERFLOW, name);
      assertCode("EOVERFLOW", () => aio_return(cb));
    }
  });

  it("is cancelled by aio_cancel()", () => {
    using pair = new Pair();
    for (const [name, call] of READS) {
      using cb = blockFor(name, pair.fd);
      call(cb);
      assertEquals(sys.aio_cancel(pair.fd, cb), sys.AIO_CANCELED, name);
      assertEquals(aio_error(cb), sys.ECANCELED, name);
      assertCode("ECANCELED", () => aio_return(cb));
    }
  });
});

describeFreebsd("aio_offset", () => {
  it("alone says where a read begins, and the descriptor's position stays, without AIO_OP2_FOFFSET", () => {
    using file = new TestFile(pattern(40));
    libc().call.lseek(file.fd, 30, 0);
    for (const [name, call] of READS) {
      using cb = blockFor(name, file.fd, { aio_offset: 4 });
      call(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8], name);
      assertEquals(cb.aio_buf ?? cb.aio_iov![0], pattern(8, 4) as Uint8Array, name);
    }
    assertEquals(libc().call.lseek(file.fd, 0, 1), 30);
  });
});

describeFreebsd("a block that the package makes", () => {
  it("holds zeros but for what was set", () => {
    const block = new Block();
    assert(block.memory.bytes.every((byte) => byte === 0));
    using cb = new Aiocb();
    assertEquals([cb.aio_fildes, cb.aio_offset, cb.aio_nbytes, cb.aio_reqprio, cb.aio_lio_opcode], [0, 0, 0, 0, 0]);
    assertEquals([cb.aio_buf, cb.aio_iov, cb.aio_sigevent.sigev_notify], [null, null, sys.SIGEV_NONE]);
  });

  it("has a priority that FreeBSD does not look at", () => {
    using file = new TestFile(pattern(8));
    for (const aio_reqprio of [-1, 0, 20, 1000]) {
      using cb = blockFor("aio_read", file.fd, { aio_reqprio });
      aio_read(cb);
      assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    }
  });
});

describeFreebsd("the kernel's side of a request", () => {
  it("leaves the block in user memory as it was at submission until aio_return()", () => {
    using file = new Scratch();
    const block = new Block({ aio_fildes: file.fd }, 10);
    const state = () => [block.view["_aiocb_private.status"], block.view["_aiocb_private.error"]];
    libc().call.aio_read(block.pointer);
    block.wait();
    assertEquals(state(), [-1, platform().errno.EINPROGRESS]);
    libc().call.aio_return(block.pointer);
    assertEquals(state(), [10, 0]);
  });

  it("keeps the file of a finished request open until it is reaped", () => {
    using pair = new Pair();
    const block = new Block({ aio_fildes: pair.fd }, 1);
    libc().call.aio_read(block.pointer);
    pair.send("x");
    block.wait();
    pair.close(pair.fd);
    const poke = new Memory(1);
    const write = bind("send", { result: "i64", parameters: ["i32", "pointer", "usize", "i32"] });
    assertEquals(outcomeOf(write(pair.peer, poke.pointer, 1, 0)), { result: 1 }); // somebody could still read it
    block.reap();
    if (isReal) return; // a real send() without MSG_NOSIGNAL would raise SIGPIPE now
    assertEquals(outcomeOf(write(pair.peer, poke.pointer, 1, 0)), { result: -1, errno: "EPIPE" });
  });
});
