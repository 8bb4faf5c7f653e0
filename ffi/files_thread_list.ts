/**
 * The part of the files thread that lists folders: some entries with each message, with what stat(2) says of them and of
 * their counterparts elsewhere. A folder of a million entries is never held whole, unless its order is asked for.
 *
 * Names that are no UTF-8 come as bytes, where the runtime tells them.
 *
 * @module
 */

/** Numbers of each entry: mode, size, mtime in ns, links, device, inode, uid, gid, blocks, rdev. */
export const STAT_WORDS = 10;

/** The text of this part. */
export const LIST_PART: string = `
const fill = (stats, at, found) => {
  const { mode, size, mtimeNs, nlink, dev, ino, uid, gid, blocks, rdev } = found;
  stats[at] = mode, stats[at + 1] = size, stats[at + 2] = mtimeNs, stats[at + 3] = nlink, stats[at + 4] = dev;
  stats[at + 5] = ino, stats[at + 6] = uid, stats[at + 7] = gid, stats[at + 8] = blocks, stats[at + 9] = rdev;
};
const compare = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const exactNames = (folder) => {
  const names = fs.readdirSync(folder, { encoding: "buffer" });
  return names.map((name) => Buffer.from(name)).filter((name) => name.toString().includes("\\uFFFD"));
};
const open = ({ source, sorted }) => {
  const folder = bytesOf(source);
  if (sorted || typeof folder !== "string") {
    const names = fs.readdirSync(folder, { encoding: "buffer" }).map((name) => {
      const text = Buffer.from(name).toString();
      return text.includes("\\uFFFD") ? Buffer.from(name) : text;
    });
    if (sorted) names.sort(compare);
    let at = 0;
    return { next: () => names[at++], isFile: false, close() {} };
  }
  const handle = fs.opendirSync(folder, { bufferSize: 256 });
  let odd = false, rest;
  return {
    /** Whether the folder itself says that the last one is a file. */
    isFile: false,
    next() {
      for (;;) {
        if (rest !== undefined) {
          this.isFile = false;
          return rest.pop();
        }
        const entry = handle.readSync();
        if (entry === null) {
          rest = odd ? exactNames(folder) : [];
          continue;
        }
        if (!entry.name.includes("\\uFFFD")) {
          this.isFile = entry.isFile();
          return entry.name;
        }
        odd = true;
      }
    },
    close: () => handle.closeSync(),
  };
};
/** Where a listing goes on, or 0 if it has ended. */
const keepOrClose = (cursor, entries, ended) => {
  if (ended) {
    entries.close();
    cursors.delete(cursor);
    return 0;
  }
  if (cursor !== 0) return cursor;
  cursors.set(++lastCursor, entries);
  return lastCursor;
};
/** What the owner is told of entries; at most so many. */
const listing = (source, target, most, follow) => {
  const names = [], errors = [], stats = new BigInt64Array(most * ${STAT_WORDS});
  const targets = new BigInt64Array(target === null ? 0 : most * ${STAT_WORDS});
  const [folder, counterpart] = [bytesOf(source), target === null ? null : bytesOf(target)];
  const add = (name) => {
    const at = names.length * ${STAT_WORDS};
    try {
      const path = join(folder, name);
      fill(stats, at, follow ? fs.statSync(path, BIG) : fs.lstatSync(path, BIG));
      const found = counterpart === null ? undefined : fs.lstatSync(join(counterpart, name), { bigint: true, throwIfNoEntry: false });
      if (found !== undefined) fill(targets, at, found);
    } catch (error) {
      stats[at] = 0n;
      errors.push([names.length, told(error)]);
    }
    names.push(name);
  };
  return { add, told: { names, errors, stats, targets } };
};
const list = (request) => {
  const { source, target, most, follow, cursor } = request;
  const entries = cursor === 0 ? open(request) : cursors.get(cursor);
  const { add, told } = listing(source, target, most, follow);
  let name;
  while (told.names.length < most && (name = entries.next()) !== undefined) add(name);
  return { ...told, cursor: keepOrClose(cursor, entries, name === undefined) };
};
/** Lists a folder whose target is new, and copies its small files at once; only the others are told of. */
const fillFolder = (request) => {
  const { source, target, most, bytesMost, cursor, how } = request;
  const [from, to] = [bytesOf(source), bytesOf(target)];
  const entries = cursor === 0 ? open({ source, sorted: false }) : cursors.get(cursor);
  const { add, told } = listing(source, null, most, false);
  const copied = [], outcomes = [];
  let name, bytes = 0;
  while (copied.length + told.names.length < most && bytes < bytesMost && (name = entries.next()) !== undefined) {
    if (!entries.isFile) {
      add(name);
      continue;
    }
    const [outcome] = each([[join(from, name), join(to, name)]], (one, other) => copyFile(one, other, how));
    if (outcome === "care") {
      add(name);
      continue;
    }
    copied.push(name);
    outcomes.push(outcome);
    bytes += outcome[0] ?? 0;
  }
  return { listed: { ...told, cursor: keepOrClose(cursor, entries, name === undefined) }, copied, outcomes };
};
`;
