/**
 * A control block of which this package knows nothing: written, submitted and looked at by hand.
 *
 * @module
 */

import { door } from "../../ffi/door.ts";
import { libc } from "../../ffi/libc.ts";
import { map } from "../../ffi/memory.ts";
import type { Member, Scalar } from "../../structs/layout.ts";
import { platform } from "../../structs/platform.ts";
import { readInteger, viewOf } from "../../structs/view.ts";
import type { StructView } from "../../structs/view.ts";
import { errnoNow, must, until } from "./probe.ts";
import type { Bench } from "./probe.ts";

/** A control block that only the probe knows. */
export class RawBlock {
  readonly address: number;
  readonly view: StructView;
  readonly bytes: Uint8Array;

  constructor(bench: Bench, bytes: number, offset: number) {
    const { aiocb } = platform().structs;
    const memory = map(4096);
    this.address = memory.address;
    this.bytes = new Uint8Array(door().view(memory.address + 1024, bytes + 16));
    this.view = viewOf(aiocb, door().view(memory.address, aiocb.size));
    const { view } = this;
    view.aio_fildes = bench.fd;
    view.aio_buf = memory.address + 1024;
    view.aio_nbytes = bytes;
    view.aio_offset = offset;
    view["aio_sigevent.sigev_notify"] = platform().constants.SIGEV_NONE;
  }

  read(member: Member): number {
    return readInteger(this.view.memory, member.offset, member.type as Scalar, "member");
  }

  async wait(): Promise<number> {
    const pointer = door().pointer(this.address);
    await until(() => libc().call.aio_error(pointer) !== platform().errno.EINPROGRESS, "the end of a read");
    return libc().call.aio_error(pointer);
  }
}

/** A read whose block is looked at from outside. */
export async function readRaw(bench: Bench): Promise<{ block: RawBlock; before: number[]; after: number[] }> {
  const { status, submission } = platform();
  const block = new RawBlock(bench, 100, 777);
  const words = Object.values(status ?? submission ?? {}).filter((one) => typeof one === "object") as Member[];
  const submitted = libc().call.aio_read(door().pointer(block.address));
  must(submitted === 0, `aio_read: ${errnoNow()}`);
  const before = words.map((member) => block.read(member));
  const state = await block.wait();
  if (state !== 0) {
    libc().call.aio_return(door().pointer(block.address)); // or it would be in the way of the next probes
    throw new Error(`aio_error gives ${state}`);
  }
  return { block, before, after: words.map((member) => block.read(member)) };
}
