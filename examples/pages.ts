/**
 * A small database in one file: a hash table whose buckets are pages of 4096 bytes at random places. Many keys are read by
 * as many requests at once; what was set survives a power cut. pages.ts FILE get KEY... | set KEY VALUE
 *
 * @module
 */

import { AioFile } from "@posix/aio";
import { Buffer } from "node:buffer";
import { constants } from "node:fs";
import process from "node:process";
import { crc32 } from "node:zlib";

const PAGE_BYTES = 4096;

/** A page begins with the checksum of the rest and the length of its text, each 4 bytes, in the order of the network. */
const HEAD_BYTES = 8;

/** What is in a page: values by their keys. */
type Page = Map<string, string>;

/** The database. One process has it open at a time. */
export class Pages implements AsyncDisposable {
  readonly #file: AioFile;
  readonly #count: number;
  /** The last change of each page that is under way: the next one waits for it. */
  readonly #changes: Map<number, Promise<void>> = new Map();

  private constructor(file: AioFile, count: number) {
    this.#file = file;
    this.#count = count;
  }

  /**
   * Opens a database, or makes an empty one.
   *
   * @param path The file.
   * @param count How many pages a new one has, of 4096 bytes each.
   * @returns The database; close it, best by `await using`.
   */
  static async open(path: string, count: number = 1024): Promise<Pages> {
    const file = await AioFile.open(path, { flags: constants.O_RDWR | constants.O_CREAT, depth: 128 });
    if (await file.size() === 0) await file.write(new Uint8Array(1), { offset: count * PAGE_BYTES - 1 });
    return new Pages(file, await file.size() / PAGE_BYTES);
  }

  /**
   * Reads values, all pages at once.
   *
   * @param keys Their keys.
   * @returns The values, `undefined` for keys that are not there.
   * @throws {Error} If a page is damaged.
   */
  async get(...keys: string[]): Promise<(string | undefined)[]> {
    const places = new Set(keys.map((key) => this.#placeOf(key)));
    const read = await Promise.all([...places].map(async (place) => [place, await this.#read(place)] as const));
    const pages = new Map(read);
    return keys.map((key) => pages.get(this.#placeOf(key))!.get(key));
  }

  /**
   * Sets a value.
   *
   * @param key Its key.
   * @param value The value; `undefined` removes the key.
   * @returns Kept when it would survive a power cut.
   * @throws {RangeError} If the key's page has no room for it.
   */
  async set(key: string, value: string | undefined): Promise<void> {
    const place = this.#placeOf(key);
    const change = (this.#changes.get(place) ?? Promise.resolve()).then(async () => {
      const page = await this.#read(place);
      if (value === undefined) page.delete(key);
      else page.set(key, value);
      await this.#file.write(encode(page), { offset: place * PAGE_BYTES });
      await this.#file.sync({ dataOnly: true });
    });
    const settled = change.catch(() => {});
    this.#changes.set(place, settled);
    await change.finally(() => {
      if (this.#changes.get(place) === settled) this.#changes.delete(place);
    });
  }

  /** Closes the file, after what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#changes.values());
    await this.#file.close();
  }

  #placeOf(key: string): number {
    return crc32(key) % this.#count;
  }

  async #read(place: number): Promise<Page> {
    const { buffer } = await this.#file.read({ offset: place * PAGE_BYTES, length: PAGE_BYTES });
    const page = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length);
    if (page.every((byte) => byte === 0)) return new Map();
    if (page.length < PAGE_BYTES || page.readUInt32BE(0) !== crc32(page.subarray(4))) {
      throw new Error(`Page ${place} of ${this.#file.path} is damaged`);
    }
    return new Map(JSON.parse(page.toString("utf8", HEAD_BYTES, HEAD_BYTES + page.readUInt32BE(4))));
  }
}

function encode(page: Page): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(JSON.stringify([...page]));
  if (text.length > PAGE_BYTES - HEAD_BYTES) throw new RangeError("The page is full: make a database with more pages");
  const bytes = Buffer.alloc(PAGE_BYTES);
  text.copy(bytes, HEAD_BYTES);
  bytes.writeUInt32BE(text.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

if (import.meta.main) {
  const [file, action, key, value] = process.argv.slice(2);
  await using pages = await Pages.open(file);
  if (action === "set") await pages.set(key, value);
  else for (const found of await pages.get(...process.argv.slice(4))) console.log(found ?? "");
}
