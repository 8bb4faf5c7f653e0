// FreeBSD 13: vectored requests work, and requests at the file's own position are told to need 14.1. Runs on Bun in short runs.

import "./release_13.ts";
import { assert, assertEquals } from "@std/assert";
import { describeFreebsd, itOrders } from "./on_freebsd.ts";
import * as sys from "../../sys.ts";
import { aio_readv, aio_return, Aiocb, allocate } from "../../sys.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";

describeFreebsd("FreeBSD 13", () => {
  itOrders("has aio_readv() and aio_writev()", () => {
    using file = new TestFile(pattern(8));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov: [allocate(3), allocate(5)], aio_iovcnt: 2 });
    aio_readv(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    sys.aio_writev(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
  });

  itOrders("lacks aio_read2() and aio_write2()", () => {
    using cb = new Aiocb();
    for (const call of [() => sys.aio_read2(cb, 1), () => sys.aio_write2(cb, 1)]) {
      const error = assertCode("ENOSYS", call);
      assert(error.message.includes("from release 14.1 on"), error.message);
    }
  });
});
