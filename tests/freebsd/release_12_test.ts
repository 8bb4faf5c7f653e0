// An old release of FreeBSD: what it lacks is found out when it is used, and the error says from which release it exists. Runs on Bun in short runs.

import "./release_12.ts";
import { assert, assertEquals } from "@std/assert";
import { describeFreebsd, itOrders } from "./on_freebsd.ts";
import * as sys from "../../sys.ts";
import { aio_read, aio_return, Aiocb, allocate } from "../../sys.ts";
import { assertCode, outcome } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";

describeFreebsd("FreeBSD 12", () => {
  itOrders("lacks four functions, and says since when they exist and what to use", () => {
    using file = new TestFile(pattern(8));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_iov: [allocate(8)], aio_iovcnt: 1 });
    const missing: [string, () => unknown, string, string][] = [
      ["aio_readv", () => sys.aio_readv(cb), "13.0", "LIO_READ"],
      ["aio_writev", () => sys.aio_writev(cb), "13.0", "LIO_WRITE"],
      ["aio_read2", () => sys.aio_read2(cb, 0), "14.1", "aio_read()"],
      ["aio_write2", () => sys.aio_write2(cb, 0), "14.1", "aio_write()"],
    ];
    for (const [name, call, release, instead] of missing) {
      const error = assertCode("ENOSYS", call);
      assertEquals([error.syscall, error.errno], [name, 78]);
      assert(error.message.includes(`FreeBSD has ${name}() from release ${release} on`), error.message);
      assert(error.message.includes(instead), error.message);
    }
  });

  itOrders("has the rest", () => {
    using file = new TestFile(pattern(8));
    using cb = new Aiocb({ aio_fildes: file.fd, aio_buf: allocate(8), aio_nbytes: 8 });
    aio_read(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 8]);
    aio_read(cb);
    assertEquals(sys.aio_waitcomplete(null), { iocb: cb, bytes: 8 });
    sys.aio_mlock(cb);
    assertEquals([outcome(cb), aio_return(cb)], [0, 0]);
    assertEquals(sys.kqueue_close(sys.kqueue()), 0);
  });
});
