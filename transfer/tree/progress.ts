/**
 * How far a transfer of many files is, and its counts at the end.
 *
 * @module
 */

/** The least time between two reports, in milliseconds. */
const REPORT_MS = 100;

/**
 * How far a transfer is.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { TreeProgress } from "@posix/aio";
 *
 * const onProgress = ({ files, filesFound }: TreeProgress) => console.log(`${files} of ${filesFound} files`);
 * await copyTree("docs", "/tmp/docs.progress", { onProgress }).summary;
 * ```
 */
export interface TreeProgress {
  /** Files that are done, of those found so far. */
  readonly files: number;
  /** Files found so far; the walk may still go on. */
  readonly filesFound: number;
  /** Bytes of files that are done, and of those under way what has arrived. */
  readonly bytes: number;
  /** Bytes of files found so far. */
  readonly bytesFound: number;
  /** Whether everything has been found. */
  readonly complete: boolean;
  /** Files that are copied one by one now, with what has arrived of each. */
  readonly underWay: readonly { readonly path: string; readonly bytes: number; readonly total: number }[];
  /** Milliseconds since it began. */
  readonly milliseconds: number;
}

/**
 * What a transfer did in all.
 *
 * @example
 * ```ts
 * import { copyTree } from "@posix/aio";
 * import type { TreeSummary } from "@posix/aio";
 *
 * const summary: TreeSummary = await copyTree("docs", "/tmp/docs.summary").summary;
 * console.log(summary.files > 0, summary.failed); // true 0
 * ```
 */
export interface TreeSummary {
  /** Files that were copied. */
  readonly files: number;
  /** Folders that were made. */
  readonly folders: number;
  /** Symbolic and hard links that were made. */
  readonly links: number;
  /** FIFOs, sockets and devices that were made. */
  readonly specials: number;
  /** Bytes of the files that were copied. */
  readonly bytes: number;
  /** Entries that were left as they were. */
  readonly skipped: number;
  /** Entries that got what their source has besides the content, which was the same. */
  readonly updated: number;
  /** Entries that were removed from the target. */
  readonly deleted: number;
  /** Entries that failed. */
  readonly failed: number;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/** Counts and reports. */
export class TreeCounter {
  files = 0;
  folders = 0;
  links = 0;
  specials = 0;
  bytes = 0;
  skipped = 0;
  updated = 0;
  deleted = 0;
  failed = 0;
  filesFound = 0;
  bytesFound = 0;
  complete = false;
  /** Files that are done, copied or not, and their bytes. */
  #done = 0;
  #doneBytes = 0;
  readonly #began = performance.now();
  readonly #underWay = new Map<object, { path: string; bytes: number; total: number }>();
  readonly #report: ((progress: TreeProgress) => void) | undefined;
  #reportedAt = -Infinity;

  /** @param report Takes reports. */
  constructor(report: ((progress: TreeProgress) => void) | undefined) {
    this.#report = report;
  }

  /** A file was found. */
  found(bytes: number): void {
    this.filesFound++;
    this.bytesFound += bytes;
  }

  /** A file that was found is done with. */
  done(bytes: number): void {
    this.#done++;
    this.#doneBytes += bytes;
    this.tell(false);
  }

  /** A file was found and copied at once. */
  copied(bytes: number): void {
    this.files++;
    this.bytes += bytes;
    this.found(bytes);
    this.done(bytes);
  }

  /** Files were found and left as they are. */
  same(files: number, bytes: number): void {
    if (files === 0) return;
    this.skipped += files;
    this.filesFound += files;
    this.bytesFound += bytes;
    this.#done += files;
    this.#doneBytes += bytes;
    this.tell(false);
  }

  /** Takes the progress of one file, until it is done. */
  watch(path: string, total: number): { update(bytes: number): void; end(): void } {
    const key = {};
    const file = { path, bytes: 0, total };
    this.#underWay.set(key, file);
    return {
      update: (bytes) => {
        file.bytes = bytes;
        this.tell(false);
      },
      end: () => void this.#underWay.delete(key),
    };
  }

  /** Reports, if it is time to, or at the end. */
  tell(last: boolean): void {
    if (this.#report === undefined) return;
    const milliseconds = performance.now() - this.#began;
    if (!last && milliseconds - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = milliseconds;
    const underWay = [...this.#underWay.values()].map((file) => ({ ...file }));
    const bytes = underWay.reduce((sum, file) => sum + file.bytes, this.#doneBytes);
    const { filesFound, bytesFound, complete } = this;
    this.#report({ files: this.#done, filesFound, bytes, bytesFound, complete, underWay, milliseconds });
  }

  /** The counts. */
  summary(): TreeSummary {
    const { files, folders, links, specials, bytes, skipped, updated, deleted, failed } = this;
    const milliseconds = performance.now() - this.#began;
    return { files, folders, links, specials, bytes, skipped, updated, deleted, failed, milliseconds };
  }
}
