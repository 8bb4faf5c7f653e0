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
    return { next: () => names[at++], close() {} };
  }
  const handle = fs.opendirSync(folder, { bufferSize: 256 });
  let odd = false, rest;
  return {
    next() {
      for (;;) {
        if (rest !== undefined) return rest.pop();
        const entry = handle.readSync();
        if (entry === null) {
          rest = odd ? exactNames(folder) : [];
          continue;
        }
        if (!entry.name.includes("\\uFFFD")) return entry.name;
        odd = true;
      }
    },
    close: () => handle.closeSync(),
  };
};
const list = (request) => {
  const { source, target, most, follow } = request;
  let cursor = request.cursor;
  const entries = cursor === 0 ? open(request) : cursors.get(cursor);
  const names = [], errors = [], stats = new BigInt64Array(most * ${STAT_WORDS});
  const targets = new BigInt64Array(target === null ? 0 : most * ${STAT_WORDS});
  const [folder, counterpart] = [bytesOf(source), target === null ? null : bytesOf(target)];
  let name;
  while (names.length < most && (name = entries.next()) !== undefined) {
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
  }
  if (name === undefined) {
    entries.close();
    cursors.delete(cursor);
    cursor = 0;
  } else if (cursor === 0) {
    cursor = ++lastCursor;
    cursors.set(cursor, entries);
  }
  return { cursor, names, stats, targets, errors };
};
`;
