/**
 * Takes up a copy that was interrupted, or begins one that can be taken up later: a temporary file with a journal beside it.
 *
 * @module
 */

import fs from "node:fs";
import { orByName } from "../metadata/owner.ts";
import type { CopySettings } from "../options.ts";
import { Journal } from "./journal.ts";
import { partsFor, removeLeftOvers } from "./left_overs.ts";
import type { Source } from "./source.ts";
import { makeTemporary, openPart } from "./temporary.ts";
import type { Temporary } from "./temporary.ts";
import { journalOf } from "./temporary_names.ts";

/** A temporary file that may be gone on with. */
export interface PartFile extends Temporary {
  /** What has arrived; `null` where there was no room for its name. */
  readonly journal: Journal | null;
  /** Why an earlier copy is not gone on with, in words; empty if there was none, or it is. */
  readonly anew: string;
}

/**
 * Finds what an earlier copy has left, or begins.
 *
 * @param target The target.
 * @param source The source.
 * @param mode The mode of a file that is made, of which the system takes the umask.
 * @param settings The options.
 * @returns The file, locked; everything else that was left over is removed.
 */
export async function beginPart(
  target: string,
  source: Source,
  mode: number,
  { direct, ofMany }: Pick<CopySettings, "direct" | "ofMany">,
): Promise<PartFile> {
  let anew = "";
  for (const name of await partsFor(target, !ofMany)) {
    const part = await openPart(name, direct);
    if (part === undefined) continue;
    const journal = Journal.resume(journalOf(name)!, source.stat);
    if (journal instanceof Journal) {
      await removeLeftOvers(target); // but not this one, which is locked
      return { ...part, journal, anew: "" };
    }
    anew = journal;
    fs.closeSync(part.fd);
  }
  await removeLeftOvers(target);
  const made = await makeTemporary(target, mode, direct, true);
  const beside = journalOf(made.path);
  if (beside === undefined) return { ...made, journal: null, anew };
  try {
    // to go on with it, it has to be opened again, also where nobody may write to the copy
    const given = fs.fstatSync(made.fd).mode & 0o777;
    const opened = given | 0o600;
    if (opened !== given) orByName(() => fs.fchmodSync(made.fd, opened), () => fs.chmodSync(made.path, opened));
    return { ...made, journal: Journal.begin(beside, source.stat, given), anew };
  } catch (error) {
    fs.closeSync(made.fd);
    await fs.promises.unlink(made.path).catch(() => {});
    throw error;
  }
}
