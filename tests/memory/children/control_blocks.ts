/**
 * Requests through the C interface: awaited, cancelled, disposed of while libc has them, or forgotten.
 *
 * @module
 */

import { partsOf } from "../../../sys/aiocb.ts";
import { refresh } from "../../../sys/control.ts";
import type { Control } from "../../../sys/control.ts";
import { aio_cancel, aio_read, aio_return, aio_write, Aiocb, allocate, lio_listio } from "../../../sys.ts";
import { AioError, LIO_NOWAIT, LIO_READ, LIO_WRITE } from "../../../sys.ts";
import type { Loan } from "../shadow.ts";
import { count, turn } from "./world.ts";
import type { World } from "./world.ts";

/** What becomes of a control block after it was submitted. */
const FATES = ["awaited", "cancelled", "disposed of", "forgotten"] as const;

interface Request {
  readonly loan: Loan;
  readonly writes: boolean;
  readonly data: Uint8Array;
  readonly control: Control;
  readonly finish: (() => void) | undefined;
}

/** A control block and what becomes of it. A forgotten one has an engine's memory, which only the package keeps then. */
interface Prepared {
  readonly cb: Aiocb;
  readonly writes: boolean;
  readonly data: Uint8Array;
  readonly fate: typeof FATES[number];
}

function prepare({ random, otherFd }: World, loan: Loan): Prepared {
  const fate = random.of(FATES);
  const aio_buf = fate === "forgotten" ? new Uint8Array(loan.bytes) : allocate(loan.bytes);
  random.fill(aio_buf);
  const writes = random.oneIn(2);
  const aio_lio_opcode = writes ? LIO_WRITE : LIO_READ;
  const members = { aio_fildes: otherFd, aio_offset: loan.offset, aio_nbytes: loan.bytes };
  return { cb: new Aiocb({ ...members, aio_buf, aio_lio_opcode }), writes, data: aio_buf.slice(), fate };
}

/** What is left when the script has done with the control block: only some of the ways keep it. */
function abandon(world: World, loan: Loan, { cb, writes, data, fate }: Prepared): Request {
  const { shadow, otherFd } = world;
  const { control } = partsOf(cb, "stress");
  count(world, fate);
  const bytes = cb.aio_buf as ReturnType<typeof allocate>;
  if (fate === "forgotten") return { loan, writes, data, control, finish: undefined };
  if (fate === "disposed of") {
    cb[Symbol.dispose]();
    bytes[Symbol.dispose]();
    return { loan, writes, data, control, finish: undefined };
  }
  if (fate === "cancelled") aio_cancel(otherFd, cb);
  const finish = () => {
    try {
      if (aio_return(cb) !== loan.bytes) throw new Error("a short transfer");
      if (writes) shadow.wrote(loan.offset, data);
      else shadow.check(loan.offset, bytes, "aio_read");
    } catch (error) {
      if (!(error instanceof AioError) || error.code !== "ECANCELED") throw error;
    }
    cb[Symbol.dispose]();
    bytes[Symbol.dispose]();
  };
  return { loan, writes, data, control, finish };
}

function submit(world: World): Request[] {
  const { random, shadow } = world;
  const loans = Array.from({ length: 1 + random.below(4) }, () => shadow.borrow(random, 1)).filter((loan) => loan);
  const made = loans.map((loan) => prepare(world, loan!));
  count(world, "control block", made.length);
  if (made.length > 1) lio_listio(LIO_NOWAIT, made.map(({ cb }) => cb), null);
  else for (const { cb, writes } of made) writes ? aio_write(cb) : aio_read(cb);
  return made.map((each, index) => abandon(world, loans[index]!, each));
}

/** Submits some control blocks and checks what they bring, as far as anybody is left to ask. */
export async function controlBlocks(world: World): Promise<void> {
  const requests = submit(world);
  for (const { loan, writes, data, control, finish } of requests) {
    while (refresh(control) === "in flight") await turn();
    finish?.();
    if (writes) world.shadow.settle(loan.offset, data, "aio_write");
    world.shadow.giveBack(loan);
  }
}
