// FreeBSD's requests with several buffers and at the file's own position: aio_readv, aio_writev, aio_read2, aio_write2, and
// the same within lio_listio. Runs on Bun in short runs.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { it } from "@std/testing/bdd";
import { describeFreebsd } from "./on_freebsd.ts";
import { readSync } from "node:fs";
import { libc } from "../../ffi/libc.ts";
import * as sys from "../../sys.ts";
import { aio_read2, aio_readv, aio_return, aio_write2, aio_writev, Aiocb, allocate } from "../../sys.ts";
import type { AiocbMembers } from "../../sys.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";

const FOFFSET = sys.AIO_OP2_FOFFSET, VECTORED = sys.AIO_OP2_VECTORED;

function position(fd: number): number {
  return libc().call.lseek(fd, 0, 1);
}

function seek(fd: number, offset: number): void {
  assertEquals(libc().call.lseek(fd, offset, 0), offset);
}

/** A block with buffers of these sizes. */
function vectored(fd: number, sizes: readonly number[], members: AiocbMembers = {}): Aiocb {
  return new Aiocb({ aio_fildes: fd, aio_iov: sizes.map(allocate), aio_iovcnt: sizes.length, ...members });
}

function bytesOf(cb: Aiocb): number[] {
  return cb.aio_iov!.flatMap((part) => [...part]);
}

function fill(cb: Aiocb): Aiocb {
  let next = 1;
  for (const part of cb.aio_iov!) for (let index = 0; index < part.length; index++) part[index] = next++;
  return cb;
}

describeFreebsd("aio_readv and aio_writev", () => {
  it("fill the buffers one after another, from an offset", () => {
    using file = new TestFile(pattern(100));
    using cb = vectored(file.fd, [4, 6, 1], { aio_offset: 30 });
    assertEquals(aio_readv(cb), 0);
    assertEquals([outcome(cb), aio_return(cb)], [0, 11]);
    assertEquals(bytesOf(cb), [...pattern(11, 30)]);
  });

  it("write the buffers one after another, at an offset", () => {
    using file = new TestFile(pattern(10));
    using cb = fill(vectored(file.fd, [2, 3], { aio_offset: 8 }));
    assertEquals(aio_writev(cb), 0);
    assertEquals([outcome(cb), aio_return(cb)], [0, 5]);
    assertEquals([...file.content()], [...pattern(8), 1, 2, 3, 4, 5]);
  });

  it("stop at the end of the file in the midst of a buffer", () => {
    using file = new TestFile(pattern(7));
    using cb = vectored(file.fd, [4, 4, 4]);
    aio_readv(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 7]);
    assertEquals(bytesOf(cb), [...pattern(7), 0, 0, 0, 0, 0]);
  });

  it("take parts without bytes, views into one array, and arrays of the engine", () => {
    using file = new TestFile(pattern(40));
    const whole = new Uint8Array(20);
    const aio_iov = [whole.subarray(0, 5), new Uint8Array(0), new Uint8Array(8), whole.subarray(10, 12)];
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov, aio_iovcnt: 4 });
    aio_readv(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 15]);
    assertEquals(bytesOf(cb), [...pattern(15)]);
  });

  it("take IOV_MAX parts", () => {
    using file = new TestFile(pattern(2048));
    using bytes = allocate(2048);
    const aio_iov = Array.from({ length: 1024 }, (_, index) => bytes.subarray(index * 2, index * 2 + 2));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov, aio_iovcnt: 1024 });
    aio_readv(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 2048]);
    assertEquals(bytes.slice(), pattern(2048) as Uint8Array);
  });

  it("use the first aio_iovcnt buffers", () => {
    using file = new TestFile(pattern(40));
    using cb = vectored(file.fd, [4, 4, 4], { aio_iovcnt: 2 });
    aio_readv(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    assertEquals(bytesOf(cb), [...pattern(8), 0, 0, 0, 0]);
  });

  it("run many at once", () => {
    using file = new TestFile(pattern(4000));
    const list = Array.from({ length: 100 }, (_, index) => vectored(file.fd, [10, 30], { aio_offset: index * 40 }));
    for (const cb of list) aio_readv(cb);
    for (const [index, cb] of list.entries()) {
      assertEquals([outcome(cb), aio_return(cb)], [0, 40]);
      assertEquals(bytesOf(cb), [...pattern(40, index * 40)]);
      cb[Symbol.dispose]();
    }
  });

  it("keep the memory of every part until the end", () => {
    using file = new TestFile(pattern(64));
    const parts = [allocate(32), allocate(32)];
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov: parts, aio_iovcnt: 2 });
    aio_readv(cb);
    for (const part of parts) part[Symbol.dispose]();
    assertEquals([outcome(cb), aio_return(cb)], [0, 64]);
  });
});

describeFreebsd("aio_read2 and aio_write2", () => {
  it("without flags do what aio_read and aio_write do", () => {
    using file = new TestFile(pattern(100));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(10), aio_nbytes: 10, aio_offset: 50 });
    aio_read2(cb, 0);
    assertEquals([outcome(cb), aio_return(cb), position(file.fd)], [0, 10, 0]);
    assertEquals(cb.aio_buf, pattern(10, 50) as Uint8Array);
    using write = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(3), aio_nbytes: 3, aio_offset: 1 });
    aio_write2(write, 0);
    assertEquals([outcome(write), aio_return(write), position(file.fd)], [0, 3, 0]);
    assertEquals([...file.content().slice(0, 5)], [pattern(1)[0], 0, 0, 0, pattern(5)[4]]);
  });

  it("with AIO_OP2_FOFFSET use and move the file's own position, whatever aio_offset says", () => {
    using file = new TestFile(pattern(100));
    seek(file.fd, 36);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8, aio_offset: 70 });
    for (const start of [36, 44]) {
      aio_read2(cb, FOFFSET);
      assertEquals([outcome(cb), aio_return(cb), position(file.fd)], [0, 8, start + 8]);
      assertEquals(cb.aio_buf, pattern(8, start) as Uint8Array);
    }
    using write = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(4), aio_nbytes: 4 });
    aio_write2(write, FOFFSET);
    assertEquals([outcome(write), aio_return(write), position(file.fd)], [0, 4, 56]);
    assertEquals([...file.content().slice(51, 57)], [pattern(1, 51)[0], 0, 0, 0, 0, pattern(1, 56)[0]]);
    const next = new Uint8Array(2);
    assertEquals([readSync(file.fd, next, 0, 2, null), next], [2, pattern(2, 56) as Uint8Array]);
  });

  it("with AIO_OP2_VECTORED take several buffers, with both flags at the file's position", () => {
    using file = new TestFile(pattern(100));
    using cb = vectored(file.fd, [3, 5], { aio_offset: 10 });
    aio_read2(cb, VECTORED);
    assertEquals([outcome(cb), aio_return(cb), position(file.fd)], [0, 8, 0]);
    assertEquals(bytesOf(cb), [...pattern(8, 10)]);
    seek(file.fd, 60);
    aio_read2(cb, FOFFSET | VECTORED);
    assertEquals([outcome(cb), aio_return(cb), position(file.fd)], [0, 8, 68]);
    assertEquals(bytesOf(cb), [...pattern(8, 60)]);
    using write = fill(vectored(file.fd, [1, 2]));
    aio_write2(write, FOFFSET | VECTORED);
    assertEquals([outcome(write), aio_return(write), position(file.fd)], [0, 3, 71]);
    assertEquals([...file.content().slice(68, 71)], [1, 2, 3]);
  });

  it("refuse other flags", () => {
    using file = new TestFile(pattern(8));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    for (const call of [aio_read2, aio_write2]) {
      for (const flags of [4, -1, 7, 2 ** 30]) assertCode("EINVAL", () => call(cb, flags));
      assertThrows(() => call(cb, 2 ** 40), RangeError);
      assertThrows(() => call(cb, "1" as unknown as number), TypeError);
      assertThrows(() => call({} as Aiocb, 0), TypeError);
    }
  });
});

describeFreebsd("lio_listio with FreeBSD's operations", () => {
  it("takes LIO_READV, LIO_WRITEV and LIO_VECTORED", () => {
    using source = new TestFile(pattern(100));
    using target = new TestFile();
    const list = [
      vectored(source.fd, [4, 8], { aio_lio_opcode: sys.LIO_READV, aio_offset: 5 }),
      fill(vectored(target.fd, [2, 2], { aio_lio_opcode: sys.LIO_WRITEV })),
      vectored(source.fd, [1, 1], { aio_lio_opcode: sys.LIO_READ | sys.LIO_VECTORED }),
      new Aiocb({ aio_fildes: source.fd, aio_buf: allocate(6), aio_nbytes: 6, aio_lio_opcode: sys.LIO_READ }),
    ];
    assertEquals(sys.lio_listio(sys.LIO_WAIT, list, null), 0);
    assertEquals(list.map((cb) => aio_return(cb)), [12, 4, 2, 6]);
    assertEquals(bytesOf(list[0]), [...pattern(12, 5)]);
    assertEquals([...target.content()], [1, 2, 3, 4]);
  });

  it("takes LIO_FOFFSET with each of them", () => {
    using file = new TestFile(pattern(100));
    const operations: [number, AiocbMembers, number][] = [
      [sys.LIO_READ, { aio_buf: allocate(10), aio_nbytes: 10 }, 10],
      [sys.LIO_READV, { aio_iov: [allocate(3), allocate(4)], aio_iovcnt: 2 }, 17],
      [sys.LIO_WRITE, { aio_buf: allocate(5), aio_nbytes: 5 }, 22],
      [sys.LIO_WRITEV, { aio_iov: [allocate(1), allocate(1)], aio_iovcnt: 2 }, 24],
    ];
    for (const [opcode, members, end] of operations) {
      using cb = new Aiocb({ aio_fildes: file.fd, aio_lio_opcode: opcode | sys.LIO_FOFFSET, ...members });
      sys.lio_listio(sys.LIO_WAIT, [cb], null);
      aio_return(cb);
      assertEquals(position(file.fd), end);
    }
    assertEquals([...file.content().slice(16, 25)], [pattern(1, 16)[0], 0, 0, 0, 0, 0, 0, 0, pattern(1, 24)[0]]);
  });
});

describeFreebsd("bad vectored requests", () => {
  const calls = (cb: Aiocb): (() => number)[] => [
    ...[() => aio_readv(cb), () => aio_writev(cb), () => aio_read2(cb, VECTORED), () => aio_write2(cb, VECTORED)],
    () => {
      cb.aio_lio_opcode = sys.LIO_READV;
      return sys.lio_listio(sys.LIO_WAIT, [cb], null);
    },
  ];

  it("without buffers are EFAULT, with none or more than IOV_MAX of them EINVAL", () => {
    using file = new TestFile(pattern(8));
    const many = Array.from({ length: 1025 }, () => new Uint8Array(1));
    const cases: [string, AiocbMembers][] = [
      ["EFAULT", { aio_iov: null, aio_iovcnt: 1 }],
      ["EINVAL", { aio_iov: [], aio_iovcnt: 0 }],
      ["EINVAL", { aio_iov: [], aio_iovcnt: 1 }],
      ["EINVAL", { aio_iov: [new Uint8Array(1)], aio_iovcnt: 0 }],
      ["EINVAL", { aio_iov: many, aio_iovcnt: 1025 }],
    ];
    for (const [code, members] of cases) {
      using cb = new Aiocb({ aio_fildes: file.fd, ...members });
      for (const call of calls(cb)) assertCode(code, call);
    }
  });

  it("are refused when aio_iovcnt says more than there are", () => {
    using file = new TestFile(pattern(8));
    using cb = vectored(file.fd, [4, 4], { aio_iovcnt: 3 });
    for (const call of calls(cb)) assertThrows(call, RangeError, "aio_iovcnt is 3, but aio_iov has 2");
    assertThrows(() => cb.aio_iovcnt = -1, RangeError);
    assertThrows(() => cb.aio_iovcnt = 1.5, RangeError);
  });

  it("are refused when a part is detached, or no array of bytes", () => {
    using file = new TestFile(pattern(8));
    const part = new Uint8Array(4);
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov: [new Uint8Array(4), part], aio_iovcnt: 2 });
    structuredClone(part, { transfer: [part.buffer] });
    for (const call of calls(cb)) assertThrows(call, TypeError, "the memory of aio_iov[1] is detached");
    for (const wrong of [[1], "text", [new Uint16Array(2)], [null], {}]) {
      assertThrows(() => cb.aio_iov = wrong as unknown as Uint8Array[], TypeError, "Cannot set aio_iov");
    }
  });

  it("share the place of aio_buf: the one clears the other", () => {
    using cb = new Aiocb({ aio_buf: new Uint8Array(4), aio_nbytes: 4 });
    cb.aio_iov = [new Uint8Array(1)];
    assertEquals([cb.aio_buf, cb.aio_iov.length, cb.aio_iovcnt], [null, 1, 4]);
    cb.aio_buf = new Uint8Array(2);
    assertEquals([cb.aio_iov, cb.aio_buf.length], [null, 2]);
    const list = [new Uint8Array(1)];
    cb.aio_iov = list;
    list.push(new Uint8Array(1));
    assert(cb.aio_iov.length === 1, "the array of the script changes nothing later");
  });
});
