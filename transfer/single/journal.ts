/**
 * The journal of a copy that can be gone on with: beside its temporary file, the source as it was, and the ranges that have
 * arrived. A copy that was interrupted, be it by a signal, by an error or by SIGKILL, is taken up from there.
 *
 * A range is written down after its data was. What was written survives the end of a process, but not that of the system:
 * the journal of an earlier boot is not believed.
 *
 * @module
 */

import fs from "node:fs";
import type { Part } from "./segments.ts";

/** A journal longer than this is not one of ours: some 30 bytes for each range of 4 KiB and more of a big file. */
const JOURNAL_BYTES_MAX = 1 << 30;

/** What a journal says of the source, on its first line. */
interface Header {
  readonly version: 1;
  readonly size: string;
  readonly modified: string;
  readonly device: string;
  readonly inode: string;
  /** The boot of the system. */
  readonly boot: string;
  /** The mode that the copy is to have. */
  readonly mode: number;
}

type Range = readonly [from: number, to: number];

/** The journal of one temporary file. */
export class Journal {
  /** Bytes that an earlier copy had moved. */
  readonly resumed: number;
  /** The mode that the copy is to have, if nothing else is preserved. */
  readonly mode: number;
  readonly #path: string;
  readonly #fd: number;
  /** What has arrived before, in order, without gaps between neighbours. */
  readonly #ranges: readonly Range[];
  #written = 0;

  private constructor(path: string, fd: number, mode: number, ranges: readonly Range[]) {
    this.#path = path;
    this.#fd = fd;
    this.mode = mode;
    this.#ranges = ranges;
    this.resumed = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /**
   * Begins a journal.
   *
   * @param path Its name.
   * @param source The source.
   * @param mode The mode that the copy is to have.
   * @returns The journal.
   */
  static begin(path: string, source: fs.BigIntStats, mode: number): Journal {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = fs.constants;
    const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
    fs.writeSync(fd, `${JSON.stringify(headerOf(source, mode))}\n`);
    return new Journal(path, fd, mode, []);
  }

  /**
   * Goes on with a journal.
   *
   * @param path Its name.
   * @param source The source, as it is now.
   * @returns The journal; or why it cannot be gone on with, in words.
   */
  static resume(path: string, source: fs.BigIntStats): Journal | string {
    const { O_RDWR, O_APPEND, O_NOFOLLOW } = fs.constants;
    let fd: number;
    try {
      fd = fs.openSync(path, O_RDWR | O_APPEND | O_NOFOLLOW);
    } catch {
      return "its journal cannot be read";
    }
    const read = readJournal(fd, source);
    if (typeof read !== "string") return new Journal(path, fd, read.mode, read.ranges);
    fs.closeSync(fd);
    return read;
  }

  /** Whether a part has arrived before. */
  has({ offset, bytes }: Part): boolean {
    let low = 0, high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle][1] > offset) high = middle;
      else low = middle + 1;
    }
    const range = this.#ranges[low];
    return range !== undefined && range[0] <= offset && offset + bytes <= range[1];
  }

  /** Writes down that a part has arrived. */
  add({ offset, bytes }: Part): void {
    try {
      fs.writeSync(this.#fd, `${offset} ${bytes}\n`);
      this.#written++;
    } catch {
      // a full disk: it is copied once more then, if it comes to that. A line cut short tells of less, or of nothing
    }
  }

  /** Whether there is anything to go on with. */
  get isUseful(): boolean {
    return this.#written > 0 || this.resumed > 0;
  }

  /** Closes it; it stays where it is. */
  close(): void {
    fs.closeSync(this.#fd);
  }

  /** Closes it and removes it. */
  remove(): void {
    this.close();
    fs.rmSync(this.#path, { force: true });
  }
}

/**
 * The parts that have not arrived before.
 *
 * @param parts All parts.
 * @param journal What has arrived.
 * @param passed Told of each that has.
 * @returns The others.
 */
export function* missingParts(
  parts: Iterable<Part>,
  journal: Journal | null,
  passed: (part: Part) => void,
): Generator<Part, void, void> {
  for (const part of parts) {
    if (journal?.has(part)) passed(part);
    else yield part;
  }
}

function headerOf({ size, mtimeNs, dev, ino }: fs.BigIntStats, mode: number): Header {
  const text = { size: `${size}`, modified: `${mtimeNs}`, device: `${dev}`, inode: `${ino}` };
  return { version: 1, ...text, boot: thisBoot(), mode };
}

function readJournal(fd: number, source: fs.BigIntStats): { mode: number; ranges: Range[] } | string {
  if (fs.fstatSync(fd).size > JOURNAL_BYTES_MAX) return "its journal is too long";
  const lines = fs.readFileSync(fd, "latin1").split("\n");
  const torn = lines.pop(); // behind the last newline: what was being written
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(lines.shift() ?? "");
  } catch {
    return "its journal was not begun";
  }
  if (typeof header?.mode !== "number") return "its journal was not begun";
  const wanted = headerOf(source, header.mode);
  const differs = (...names: (keyof Header)[]) => names.some((name) => header[name] !== wanted[name]);
  if (differs("version")) return "its journal is of another release";
  if (differs("size", "modified", "device", "inode")) return "the source was changed since";
  if (wanted.boot === "" || differs("boot")) return "the system was started anew since, or does not tell";
  if (torn !== "") fs.writeSync(fd, "\n"); // what follows is not to be taken for its end
  const size = Number(source.size);
  const ranges = lines.flatMap((line): Range[] => {
    const [, offset, bytes] = /^(\d+) (\d+)$/.exec(line) ?? [];
    const [from, to] = [Number(offset), Number(offset) + Number(bytes)];
    return to > from && to <= size ? [[from, to]] : [];
  });
  return { mode: header.mode, ranges: joined(ranges) };
}

/** In order, and neighbours as one. */
function joined(ranges: Range[]): Range[] {
  const list: [number, number][] = [];
  for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
    const last = list.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else list.push([from, to]);
  }
  return list;
}

let boot: string | undefined;

/** Which boot of the system this is; empty where it does not tell. */
function thisBoot(): string {
  if (boot !== undefined) return boot;
  try {
    return boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return boot = "";
  }
}
