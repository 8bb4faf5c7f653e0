/**
 * A first-in first-out list in a ring: taking the head of a JavaScript array costs its length, and an array that is emptied
 * to be filled again is garbage.
 *
 * @module
 */

/** A first-in first-out list. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = new Array(16);
  #head = 0;
  #length = 0;

  /** How many items it holds. */
  get length(): number {
    return this.#length;
  }

  /** The oldest item, or `undefined`. */
  get head(): Item | undefined {
    return this.#items[this.#head];
  }

  /** The item `index` places behind the head. */
  at(index: number): Item | undefined {
    return index < this.#length ? this.#items[(this.#head + index) & (this.#items.length - 1)] : undefined;
  }

  /** Adds an item at the end. */
  push(item: Item): void {
    this.#room();
    this.#items[(this.#head + this.#length++) & (this.#items.length - 1)] = item;
  }

  /** Adds an item at the head. */
  unshift(item: Item): void {
    this.#room();
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length++;
  }

  /** Takes the oldest item, or `undefined`. */
  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length--;
    return item;
  }

  /** Takes the oldest items, all of them by default, as an array. */
  take(count: number = this.#length): Item[] {
    const taken = new Array<Item>(count);
    for (let index = 0; index < count; index++) taken[index] = this.shift() as Item;
    return taken;
  }

  /** Keeps only the items for which `keep` says yes, in their order. */
  filter(keep: (item: Item) => boolean): void {
    for (let left = this.#length; left > 0; left--) {
      const item = this.shift() as Item;
      if (keep(item)) this.push(item);
    }
  }

  /** Whether `test` says yes to one of the items. */
  some(test: (item: Item) => boolean): boolean {
    for (let index = 0; index < this.#length; index++) {
      if (test(this.at(index) as Item)) return true;
    }
    return false;
  }

  #room(): void {
    const size = this.#items.length;
    if (this.#length < size) return;
    const items = new Array(size * 2);
    for (let index = 0; index < size; index++) items[index] = this.#items[(this.#head + index) & (size - 1)];
    this.#items = items;
    this.#head = 0;
  }
}
