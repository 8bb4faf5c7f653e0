/**
 * io_uring: the numbers of its calls, flags and operations, and where its members lie.
 *
 * Source: `linux/io_uring.h`; `tests/uring/layout_test.ts` compiles all of it against the header. They are the same on x86-64
 * and aarch64.
 *
 * @module
 */

/** Numbers for `syscall(2)`. */
export const IO_URING_CALLS = { setup: 425, enter: 426, register: 427 } as const;

/** `IORING_REGISTER_*`: what a ring is told to use. */
export const REGISTER = { EVENTFD: 4 } as const;

/** `EFD_CLOEXEC | EFD_NONBLOCK` of `sys/eventfd.h`. */
export const EVENTFD_FLAGS = 0x80800;

/** `IORING_SETUP_*`. */
export const SETUP = {
  CQSIZE: 0x8,
  CLAMP: 0x10,
  COOP_TASKRUN: 0x100,
  TASKRUN_FLAG: 0x200,
  SINGLE_ISSUER: 0x1000,
  DEFER_TASKRUN: 0x2000,
  NO_SQARRAY: 0x10000,
} as const;

/** `IORING_FEAT_*`. */
export const FEATURES = { SINGLE_MMAP: 0x1, NODROP: 0x2, FAST_POLL: 0x20 } as const;

/** `IORING_SQ_*`, in the flags that the kernel writes. */
export const SQ_FLAGS = { CQ_OVERFLOW: 0x2, TASKRUN: 0x4 } as const;

/** `IORING_CQ_*`, in the flags that the ring's owner writes. */
export const CQ_FLAGS = { EVENTFD_DISABLED: 0x1 } as const;

/** `IORING_ENTER_GETEVENTS`. */
export const ENTER_GETEVENTS = 1;

/** `IOSQE_ASYNC`: a thread of the kernel carries it out, whatever the page cache has. */
export const IOSQE_ASYNC: number = 1 << 4;

/** `IORING_FSYNC_DATASYNC`. */
export const FSYNC_DATASYNC = 1;

/** `IORING_OP_*`. */
export const OPERATIONS = { NOP: 0, FSYNC: 3, ASYNC_CANCEL: 14, READ: 22, WRITE: 23 } as const;

/** `IORING_OFF_*`: what mmap(2) maps. */
export const OFFSETS = { SQ_RING: 0, CQ_RING: 0x8000000, SQES: 0x10000000 } as const;

/** `struct io_uring_params`, in bytes; the offsets of the rings' members stand in the last two groups. */
export const PARAMS = {
  size: 120,
  sq_entries: 0,
  cq_entries: 4,
  flags: 8,
  features: 20,
  sq_off: { head: 40, tail: 44, ring_mask: 48, flags: 56, array: 64 },
  cq_off: { head: 80, tail: 84, ring_mask: 88, cqes: 100, flags: 104 },
} as const;

/** `struct io_uring_sqe`, in bytes. */
export const SQE = {
  size: 64,
  opcode: 0,
  flags: 1,
  fd: 4,
  off: 8,
  addr: 16,
  len: 24,
  op_flags: 28,
  user_data: 32,
} as const;

/** `struct io_uring_cqe`, in bytes. */
export const CQE = { size: 16, user_data: 0, res: 8 } as const;
