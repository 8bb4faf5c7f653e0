// FreeBSD 15.0 answers otherwise than 15.1 where a descriptor is open and no kqueue; every program has to take either. Runs on Bun in short runs.

import "./release_15_0.ts";
import { describeFreebsd, itOrders } from "./on_freebsd.ts";
import * as sys from "../../sys.ts";
import { assertCode } from "../sys/outcome.ts";
import { pattern, TestFile } from "../sys/test_file.ts";

describeFreebsd("FreeBSD 15.0", () => {
  itOrders("says EBADF of an open descriptor that is no kqueue", () => {
    using file = new TestFile(pattern(8));
    assertCode("EBADF", () => sys.kevent(file.fd, [], 1, { tv_sec: 0, tv_nsec: 0 }));
    using cb = new sys.Aiocb({
      ...{ aio_fildes: file.fd, aio_buf: sys.allocate(8), aio_nbytes: 8 },
      aio_sigevent: { sigev_notify: sys.SIGEV_KEVENT, sigev_notify_kqueue: file.fd },
    });
    assertCode("EBADF", () => sys.aio_read(cb));
  });
});
