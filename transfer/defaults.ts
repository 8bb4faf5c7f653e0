/**
 * What a copy takes where nothing is said; a file of its own, so that help texts can tell it without loading what copies.
 *
 * @module
 */

/**
 * Bytes of one request, unless a program asks for another number. Writes of a mebibyte and more make some kernels look
 * for great pieces of free memory for the page cache: measured on ext4 in a virtual machine, they took twice the time.
 */
export const CHUNK_BYTES_DEFAULT: number = 1 << 19;

/** Chunks under way at a time, unless a program asks for another number. */
export const DEPTH_DEFAULT = 8;

/** A copy of a smaller source cannot be taken up: it is made anew as fast. */
export const RESUME_BYTES_MIN: number = 1 << 20;
