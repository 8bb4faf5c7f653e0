/**
 * Linux with musl: its `<aio.h>` where it differs from the GNU C library's, and how it behaves.
 *
 * The public members and all constants are Linux' and therefore those of `linux_glibc.ts`; the private members of the
 * control block have other names and another meaning at the same places.
 *
 * @module
 */

import { array, char, int, off_t, pointer, size_t, ssize_t, struct } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { linuxGlibc, sigevent } from "./linux_glibc.ts";
import type { Platform } from "./system.ts";

/** `struct aiocb`, `<aio.h>` */
export const aiocb: Layout<
  | "aio_fildes"
  | "aio_lio_opcode"
  | "aio_reqprio"
  | "aio_buf"
  | "aio_nbytes"
  | "aio_sigevent"
  | "aio_offset"
  | "__err"
  | "__ret"
> = struct("aiocb", {
  aio_fildes: int, // int aio_fildes, aio_lio_opcode, aio_reqprio;
  aio_lio_opcode: int,
  aio_reqprio: int,
  aio_buf: pointer, // volatile void *aio_buf;
  aio_nbytes: size_t, // size_t aio_nbytes;
  aio_sigevent: sigevent, // struct sigevent aio_sigevent;
  __td: pointer, // void *__td;
  __lock: array(int, 2), // int __lock[2];
  __err: int, // volatile int __err;
  __ret: ssize_t, // ssize_t __ret;
  aio_offset: off_t, // off_t aio_offset;
  __next: pointer, // void *__next, *__prev;
  __prev: pointer,
  __dummy4: array(char, 32 - 2 * 8), // char __dummy4[32-2*sizeof(void *)];
});

/**
 * The musl platform for one processor.
 *
 * @param processor The processor's name as C spells it.
 * @returns Layouts, constants, error numbers and behaviour.
 */
export function linuxMusl(processor: "x86_64" | "aarch64"): Platform {
  const glibc = linuxGlibc(processor);
  const { sigevent, iovec, timespec, itimerspec, statx } = glibc.structs;
  return {
    ...glibc,
    name: `linux-musl-${processor}`,
    structs: { aiocb, sigevent, iovec, timespec, itimerspec, statx },
    constants: { ...glibc.constants, AIO_PRIO_DELTA_MAX: 0 }, // musl ignores priorities, its sysconf() says so
    // A thread in aio_suspend() on one single block marks its word by the highest bit [musl src/aio/aio_suspend.c].
    status: { error: aiocb.members.__err, result: aiocb.members.__ret, mask: 0x7fffffff },
    libraryHint: "it is musl's /lib/ld-musl-*.so.1",
    behaviour: {
      ...glibc.behaviour,
      serialPerDescriptor: false, // a thread for each request
      wakeUp: "pipe", // pread() of a timer or an eventfd is ESPIPE, and musl does not try read()
      safeCancel: false, // aio_cancel() and close() deadlock on queued appends and syncs [musl src/aio/aio.c]
      keepsListEvent: true,
    },
  };
}
