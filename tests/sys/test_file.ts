// A temporary file for one test: opened for reading and writing, gone at the end of the test's scope.

import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bytes that tell where in a file they belong. */
export function pattern(bytes: number, start = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => (start + index) * 7 + ((start + index) >> 8));
}

export class TestFile implements Disposable {
  readonly fd: number;
  readonly path: string;
  readonly #folder: string;

  constructor(content: Uint8Array = new Uint8Array(0), flags: string | number = "r+") {
    this.#folder = mkdtempSync(join(tmpdir(), "aio-sys-"));
    this.path = join(this.#folder, "file");
    const writer = openSync(this.path, "w");
    for (let done = 0; done < content.length;) done += writeSync(writer, content, done);
    closeSync(writer);
    this.fd = openSync(this.path, flags);
  }

  /** What the file holds now. */
  content(): Uint8Array {
    const fd = openSync(this.path, "r");
    const bytes = new Uint8Array(fstatSync(fd).size);
    for (let done = 0; done < bytes.length;) done += readSync(fd, bytes, done, bytes.length - done, done);
    closeSync(fd);
    return bytes;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    rmSync(this.#folder, { recursive: true });
  }
}
