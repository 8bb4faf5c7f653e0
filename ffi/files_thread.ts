/**
 * The files thread: text for a worker that lists folders and copies small files whole, many with each message, so that no
 * JavaScript thread has to wait for a disk and small files cost little more than their system calls.
 *
 * It is text for the same reason as the waiter's (see waiter_thread.ts), and it decides nothing: which files are copied, and
 * what is to become of those that need more care than this, is its owner's business. Files are opened by `node:fs`, which
 * asks the sandbox; C's calls get descriptors only.
 *
 * @module
 */

import { ANSWER_PART } from "./files_thread_answers.ts";
import { COPY_PART } from "./files_thread_copy.ts";
import { LIST_PART } from "./files_thread_list.ts";
import { NAMES_PART } from "./files_thread_names.ts";
import { SYMBOLS } from "./libc.ts";
import type { Signature } from "./native.ts";

/** The names of the functions that the thread calls. */
export type FilesSymbolName =
  | "read"
  | "write"
  | "futimens"
  | "utimensat"
  | "statx"
  | "getdents64"
  | "flistxattr"
  | "llistxattr"
  | "fremovexattr"
  | "posix_fadvise"
  | "mmap";

/** The functions that the thread binds for itself; it does without those that the system lacks. */
export const FILES_SYMBOLS: Pick<typeof SYMBOLS, FilesSymbolName> = {
  read: SYMBOLS.read,
  write: SYMBOLS.write,
  futimens: SYMBOLS.futimens,
  utimensat: SYMBOLS.utimensat,
  statx: SYMBOLS.statx,
  getdents64: SYMBOLS.getdents64,
  flistxattr: SYMBOLS.flistxattr,
  llistxattr: SYMBOLS.llistxattr,
  fremovexattr: SYMBOLS.fremovexattr,
  posix_fadvise: SYMBOLS.posix_fadvise,
  mmap: SYMBOLS.mmap,
};

/** What the thread is started with. */
export interface FilesThreadData {
  readonly library: string;
  readonly symbols: Readonly<Record<string, Signature>>;
  /** Flags of a private anonymous mapping. */
  readonly mmapFlags: number;
  /** What its temporary names end with, before the random part. */
  readonly owner: string;
  /** `O_PATH`, where there is such a flag; else 0. */
  readonly pathFlag: number;
}

/** A path as node:fs takes it: bytes where the name is no UTF-8. */
export type FilePath = string | Uint8Array;

/** How files are copied, the same for all of a message. */
export interface FilesHow {
  /** Take the mode with setuid and setgid, the owner and group, the times. */
  readonly mode: boolean;
  readonly ownership: boolean;
  readonly timestamps: boolean;
  /** Leave files with extended attributes or lists to the owner of the thread. */
  readonly careful: boolean;
  /** Leave no file to the owner, who cannot open it: attributes and lists are lost then, which is told. */
  readonly alone: boolean;
  /** Make each durable before it gets its name. */
  readonly sync: boolean;
  /** Never take a name that somebody has. */
  readonly exclusive: boolean;
  /** Nothing had the names: what has one by now is what was copied before, on a file system that takes both for one. */
  readonly fresh: boolean;
  /** Follow symbolic links. */
  readonly follow: boolean;
  /** Leave larger files, and those with several names, to the owner of the thread; 0 for none. */
  readonly smallBytes: number;
  /** Give the copy this mode, or less, that of the file whose place it takes; -1 for none. */
  readonly likeMode: number;
  /** Give it to this user and group, who have the file whose place it takes; where that fails, the group gets what everybody had. */
  readonly likeOwner: readonly [uid: number, gid: number] | null;
  /** A digest of what was read; empty for none. */
  readonly algorithm: string;
  /** Read the copy again, past the page cache, and compare digests. */
  readonly verify: boolean;
  /** Bytes a second of all threads together; 0 for no limit. */
  readonly bytesPerSecond: number;
  /** When the next bytes may move, in microseconds since 1970; all that share a limit share the word. */
  readonly next: SharedArrayBuffer;
  /** A word that is not 0 when the transfer is to end. */
  readonly halt: SharedArrayBuffer;
}

/** What the thread is asked. */
export type FilesRequest =
  & { readonly id: number }
  & (
    | {
      readonly kind: "list";
      readonly source: FilePath;
      /** Where each entry's counterpart is looked for, or `null`. */
      readonly target: FilePath | null;
      /** The listing that goes on, or 0. */
      readonly cursor: number;
      readonly most: number;
      readonly follow: boolean;
      readonly sorted: boolean;
      /** Only count files that are there already with the same size and time, and all that is kept. */
      readonly same?: boolean;
      /** What is kept, for `same`; with attributes or lists it is told which entries have any. */
      readonly kept?: { readonly mode: boolean; readonly ownership: boolean; readonly attributes: boolean };
    }
    | {
      /** Lists a folder whose target is new, and copies its small files at once. */
      readonly kind: "folder";
      readonly source: FilePath;
      readonly target: FilePath;
      readonly cursor: number;
      readonly most: number;
      /** No more files once so many bytes were copied. */
      readonly bytesMost: number;
      readonly how: FilesHow;
    }
    | { readonly kind: "files"; readonly files: readonly (readonly [FilePath, FilePath])[]; readonly how: FilesHow }
    | {
      readonly kind: "links";
      readonly links: readonly (readonly [source: FilePath, target: FilePath, replaces: boolean])[];
      readonly how: FilesHow;
    }
    | {
      readonly kind: "digests";
      readonly files: readonly FilePath[];
      readonly algorithm: string;
      readonly halt: SharedArrayBuffer;
    }
    | { readonly kind: "close"; readonly cursor: number }
  );

/** An error as it travels. */
export interface ThreadError {
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
  /** A temporary file that may not have been removed. */
  readonly left?: string | undefined;
}

/** Some entries of a folder. */
export interface Listed {
  /** To go on with; 0 at the end. */
  readonly cursor: number;
  readonly names: readonly FilePath[];
  /** Mode, size, mtime in ns, links, device, inode, uid, gid, blocks, rdev of each; mode 0 where `errors` tells why. */
  readonly stats: BigInt64Array;
  /** The same of the counterparts; mode 0 where there is none. Empty without a target. */
  readonly targets: BigInt64Array;
  /** Of entries whose counterpart is there: 0 if neither has attributes or lists. Empty if that was not asked. */
  readonly marks: Uint8Array;
  readonly errors: readonly (readonly [index: number, error: ThreadError])[];
  /** Files that were only counted, and their bytes. */
  readonly same: readonly [files: number, bytes: number];
}

/**
 * What became of one file: bytes, a digest or the empty string, whether its attributes were lost; or why not; or that it
 * needs more care.
 */
export type FileOutcome = readonly [bytes: number, digest: string, lost?: boolean] | ThreadError | "care";

/** What the thread answers. */
export interface FilesAnswer {
  readonly id: number;
  readonly listed?: Listed;
  readonly outcomes?: readonly FileOutcome[];
  /** Of a folder: the names of the files that the outcomes are of. */
  readonly copied?: readonly FilePath[];
  readonly error?: ThreadError;
}

/** What every part of the text needs. */
const BASE_PART = `
const fs = process.getBuiltinModule("node:fs");
const crypto = process.getBuiltinModule("node:crypto");
const { Buffer } = process.getBuiltinModule("node:buffer");
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = fs.constants;
const BIG = { bigint: true };
const STATX = 0x7ff, AT_EMPTY_PATH = 0x1000, DONTNEED = 4, SEQUENTIAL = 2, S_IFMT = 0o170000, S_IFREG = 0o100000;
// memory of the system's: two of struct statx, times, an empty string, a name, and behind a page of these the bytes of files and entries of folders
const EMPTY = 544, NAME = 1024, LIST_NAME = 1536, NAMES = 1600, PAGE = 4096, CHUNK_BYTES = 1 << 18, DIRENT_BYTES = 1 << 15, DT_REG = 8;
let dirents, page, chunk, chunkAt = 0, isNative = false;
const cursors = new Map();
let functions, options, scratch, scratchAt = 0, random = "", randomAt = 0, lastCursor = 0;

const start = (data) => {
  options = data;
  functions = bind(data.library, data.symbols);
  const all = PAGE + CHUNK_BYTES + DIRENT_BYTES;
  scratchAt = functions.mmap === undefined ? 0 : Number(functions.mmap(pointer(0), pointer(all), 3, data.mmapFlags, -1, pointer(0)));
  if (scratchAt > 0) {
    scratch = new DataView(view(scratchAt, PAGE));
    page = Buffer.from(scratch.buffer);
    page.write("system.posix_acl_access\\0", LIST_NAME);
    chunkAt = scratchAt + PAGE;
    chunk = Buffer.from(view(chunkAt, CHUNK_BYTES));
    dirents = Buffer.from(view(chunkAt + CHUNK_BYTES, DIRENT_BYTES));
  } else chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  isNative = scratchAt > 0 && functions.statx !== undefined && functions.read !== undefined;
};
const told = (error) => ({
  code: String(error.code ?? (error.name === "NotCapable" ? "EACCES" : "EIO")),
  syscall: String(error.syscall ?? "copy"),
  message: String(error.message ?? error),
  left: typeof error.left === "string" && error.code === "EACCES" ? error.left : undefined,
});
const bytesOf = (path) => typeof path === "string" ? path : Buffer.from(path);
const join = (folder, name) =>
  typeof folder === "string" && typeof name === "string"
    ? folder + "/" + name
    : Buffer.concat([Buffer.from(folder), Buffer.from("/"), Buffer.from(name)]);
`;

/** The thread's text, to follow the door's prelude. */
export const FILES_TEXT: string = BASE_PART + LIST_PART + NAMES_PART + COPY_PART + ANSWER_PART;
