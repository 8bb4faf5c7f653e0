/**
 * The engines by name.
 *
 * @module
 */

/** What runs requests: the C library's POSIX AIO, or Linux' io_uring. */
export type EngineName = "posix" | "io_uring";
