/**
 * `Aiocb`: the control block as a script sees it.
 *
 * Its members live in a copy of the struct that only the script changes. They are written out to libc's copy when the
 * block is submitted, so that what glibc overwrites there (the operation, the priority of a sync) never surprises.
 *
 * @module
 */

import { platform } from "../structs/platform.ts";
import { viewOf } from "../structs/view.ts";
import type { StructView } from "../structs/view.ts";
import { dropControl, requireUnowned, takeControl } from "./control.ts";
import type { Control } from "./control.ts";
import { setSigevent, viewOfSigevent } from "./sigevent.ts";
import type { NotifyFunction, Sigevent, SigeventMembers } from "./sigevent.ts";

/** The members of a control block that can be given to its constructor. */
export interface AiocbMembers {
  /** The descriptor. Default 0, as C's zeroed struct. */
  readonly aio_fildes?: number | bigint | undefined;
  /** Where in the file, in bytes. Default 0. */
  readonly aio_offset?: number | bigint | undefined;
  /** What is read into or written. Default `null`. */
  readonly aio_buf?: Uint8Array | null | undefined;
  /** How many bytes. Default 0. */
  readonly aio_nbytes?: number | bigint | undefined;
  /** What a vectored request reads into or writes from, on FreeBSD. Default `null`. */
  readonly aio_iov?: readonly Uint8Array[] | null | undefined;
  /** How many of them. Default 0. */
  readonly aio_iovcnt?: number | bigint | undefined;
  /** By how much the priority is lowered. Default 0. */
  readonly aio_reqprio?: number | bigint | undefined;
  /** How the end is told. Default `SIGEV_NONE`. */
  readonly aio_sigevent?: SigeventMembers | undefined;
  /** The operation for `lio_listio()`. Default 0. */
  readonly aio_lio_opcode?: number | bigint | undefined;
}

/** The parts of an {@linkcode Aiocb} that the functions of this folder use. */
export interface AiocbParts {
  readonly control: Control;
  /** The script's copy of the struct. */
  readonly members: StructView;
  readonly buffer: Uint8Array | null;
  readonly iov: readonly Uint8Array[] | null;
  readonly notifyFunction: NotifyFunction | null;
}

let partsIn: (cb: Aiocb) => AiocbParts;

/**
 * A control block: C's `struct aiocb`.
 *
 * It begins zeroed, but for `aio_sigevent.sigev_notify`, which is `SIGEV_NONE` (on Linux a zero would mean a signal).
 * Members cannot be changed while a request with the block is in flight. The buffer is held by reference and must stay
 * as it is until the request has ended: this class cannot know of a `transfer()` or `resize()` of the memory behind it.
 * Buffers from `allocate()` are safe from both.
 *
 * Source: aio(7), "The aiocb structure".
 *
 * @example
 * ```ts
 * import { Aiocb, allocate } from "@posix/aio/sys";
 *
 * using buffer = allocate(4096);
 * using cb = new Aiocb({ aio_fildes: 0, aio_buf: buffer, aio_nbytes: 4096 });
 * cb.aio_offset = 8192;
 * console.log(cb.aio_nbytes, cb.aio_offset); // 4096 8192
 * ```
 */
export class Aiocb implements Disposable {
  readonly #control: Control;
  readonly #members: StructView;
  #sigevent: Sigevent | undefined;
  #buffer: Uint8Array | null = null;
  #iov: readonly Uint8Array[] | null = null;
  #notifyFunction: NotifyFunction | null = null;

  static {
    partsIn = (cb) => ({
      control: cb.#control,
      members: cb.#members,
      buffer: cb.#buffer,
      iov: cb.#iov,
      notifyFunction: cb.#notifyFunction,
    });
  }

  /**
   * Makes a control block in native memory.
   *
   * @param members What its members begin with.
   * @throws {AioError} ENOMEM if the system has no memory.
   * @throws {RangeError} If a member's C type cannot hold its value.
   * @throws {TypeError} If a member is of the wrong type.
   */
  constructor(members: AiocbMembers = {}) {
    const { structs, constants } = platform();
    this.#members = viewOf(structs.aiocb, new ArrayBuffer(structs.aiocb.size));
    this.#members["aio_sigevent.sigev_notify"] = constants.SIGEV_NONE;
    this.#control = takeControl(this);
    if (members.aio_fildes !== undefined) this.aio_fildes = members.aio_fildes;
    if (members.aio_offset !== undefined) this.aio_offset = members.aio_offset;
    if (members.aio_buf !== undefined) this.aio_buf = members.aio_buf;
    if (members.aio_nbytes !== undefined) this.aio_nbytes = members.aio_nbytes;
    if (members.aio_iov !== undefined) this.aio_iov = members.aio_iov;
    if (members.aio_iovcnt !== undefined) this.aio_iovcnt = members.aio_iovcnt;
    if (members.aio_reqprio !== undefined) this.aio_reqprio = members.aio_reqprio;
    if (members.aio_sigevent !== undefined) this.aio_sigevent = members.aio_sigevent;
    if (members.aio_lio_opcode !== undefined) this.aio_lio_opcode = members.aio_lio_opcode;
  }

  /** The descriptor that is read, written or synced. */
  get aio_fildes(): number {
    return this.#members.aio_fildes;
  }
  set aio_fildes(value: number | bigint) {
    this.#set("aio_fildes", value);
  }

  /** Where in the file the transfer begins, in bytes. Ignored for pipes, sockets, and writes to `O_APPEND` files. */
  get aio_offset(): number {
    return this.#members.aio_offset;
  }
  set aio_offset(value: number | bigint) {
    this.#set("aio_offset", value);
  }

  /** What is read into or written, held by reference. Its address is taken when the block is submitted. */
  get aio_buf(): Uint8Array | null {
    return this.#buffer;
  }
  set aio_buf(value: Uint8Array | null) {
    requireUnowned(this.#control, "aiocb", "set aio_buf");
    if (value !== null && !(value instanceof Uint8Array)) {
      throw new TypeError(`Cannot set aio_buf: expected a Uint8Array or null, got ${typeof value}`);
    }
    this.#buffer = value;
    this.#iov = null;
  }

  /** How many bytes are transferred; at most the length of `aio_buf`. */
  get aio_nbytes(): number {
    return this.#members.aio_nbytes;
  }
  set aio_nbytes(value: number | bigint) {
    this.#set("aio_nbytes", value);
  }

  /**
   * What a vectored request reads into or writes from on FreeBSD, held by reference. In C it shares the place of
   * `aio_buf`: setting the one clears the other.
   */
  get aio_iov(): readonly Uint8Array[] | null {
    return this.#iov;
  }
  set aio_iov(value: readonly Uint8Array[] | null) {
    requireUnowned(this.#control, "aiocb", "set aio_iov");
    if (value !== null && !(Array.isArray(value) && value.every((part) => part instanceof Uint8Array))) {
      throw new TypeError("Cannot set aio_iov: expected an array of Uint8Array, or null");
    }
    this.#iov = value === null ? null : [...value];
    this.#buffer = null;
  }

  /** How many of the buffers in `aio_iov` are used, from the first on. In C it shares the place of `aio_nbytes`. */
  get aio_iovcnt(): number {
    return this.#members.aio_nbytes;
  }
  set aio_iovcnt(value: number | bigint) {
    this.#set("aio_nbytes", value);
  }

  /** By how much the request's priority is lowered. Leave it 0: in glibc a sync overtakes writes of lower priority. */
  get aio_reqprio(): number {
    return this.#members.aio_reqprio;
  }
  set aio_reqprio(value: number | bigint) {
    this.#set("aio_reqprio", value);
  }

  /**
   * The operation for `lio_listio()`: `LIO_READ`, `LIO_WRITE` or `LIO_NOP`; on FreeBSD also `LIO_READV`, `LIO_WRITEV`, and
   * any of them with `LIO_FOFFSET`. Other functions ignore it.
   */
  get aio_lio_opcode(): number {
    return this.#members.aio_lio_opcode;
  }
  set aio_lio_opcode(value: number | bigint) {
    this.#set("aio_lio_opcode", value);
  }

  /** How the end of the request is told. Its members can be set one by one, or all by assigning an object. */
  get aio_sigevent(): Sigevent {
    return this.#sigevent ??= this.#viewOfSigevent();
  }
  set aio_sigevent(value: SigeventMembers) {
    const event = this.aio_sigevent;
    event.sigev_notify_function = value.sigev_notify_function ?? null;
    setSigevent(event, value);
  }

  /** Frees the native memory: at once, or, while libc owns the block, as soon as its request has ended. */
  [Symbol.dispose](): void {
    dropControl(this.#control);
  }

  #set(member: string, value: number | bigint): void {
    requireUnowned(this.#control, "aiocb", `set ${member}`);
    this.#members[member] = value as number;
  }

  #viewOfSigevent(): Sigevent {
    return viewOfSigevent({
      members: this.#members,
      set: (member, value) => this.#set(`aio_sigevent.${member}`, value),
      getFunction: () => this.#notifyFunction,
      setFunction: (value) => {
        requireUnowned(this.#control, "aiocb", "set aio_sigevent.sigev_notify_function");
        if (value !== null && typeof value !== "function") {
          throw new TypeError(`Cannot set sigev_notify_function: expected a function or null, got ${typeof value}`);
        }
        this.#notifyFunction = value;
      },
    });
  }
}

/**
 * The parts of a control block that a script handed in.
 *
 * @param cb What the script handed in.
 * @param syscall The C function that it was handed to.
 * @returns The block's parts.
 * @throws {TypeError} If it is no `Aiocb`, or a disposed one.
 */
export function partsOf(cb: Aiocb, syscall: string): AiocbParts {
  if (!(cb instanceof Aiocb)) {
    throw new TypeError(`Cannot call ${syscall}(): expected an Aiocb, got ${cb === null ? "null" : typeof cb}`);
  }
  const parts = partsIn(cb);
  if (parts.control.disposed) throw new TypeError(`Cannot call ${syscall}(): the control block is disposed`);
  return parts;
}
