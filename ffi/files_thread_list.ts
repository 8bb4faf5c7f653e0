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
const nameOf = (bytes) => {
  const text = bytes.toString();
  // U+FFFD itself is a name like others
  return text.includes("\\uFFFD") && !Buffer.from(text).equals(bytes) ? Buffer.from(bytes) : text;
};
const listOf = (names) => {
  let at = 0;
  return { next: () => names[at++], isFile: false, close() {} };
};
const open = ({ source, sorted }) => {
  const folder = bytesOf(source);
  const all = () => fs.readdirSync(folder, { encoding: "buffer" }).map((name) => nameOf(Buffer.from(name)));
  if (sorted) return listOf(all().sort(compare));
  if (isNative && functions.getdents64 !== undefined) return openNative(folder);
  return typeof folder === "string" ? openByHandle(folder, all) : listOf(all());
};
/** By the system's own call: it gives names as they are, and a runtime that reads a folder at once need not. */
const openNative = (folder) => {
  const fd = fs.openSync(folder, O_RDONLY | O_DIRECTORY);
  let found = [], at = 0;
  const more = () => {
    found = [], at = 0;
    const bytes = Number(functions.getdents64(fd, pointer(scratchAt + PAGE + CHUNK_BYTES), pointer(DIRENT_BYTES)));
    if (bytes < 0) {
      fs.readdirSync(folder); // it says why
      throw Object.assign(new Error("EIO: the folder could not be read to its end"), { code: "EIO", syscall: "getdents64" });
    }
    // struct linux_dirent64: d_reclen at 16, d_type at 18, d_name from 19 on
    for (let from = 0; from < bytes; from += dirents.readUInt16LE(from + 16)) {
      const name = dirents.subarray(from + 19, dirents.indexOf(0, from + 19));
      const isDots = name[0] === 46 && (name.length === 1 || name.length === 2 && name[1] === 46);
      if (!isDots) found.push([nameOf(name), dirents[from + 18] === DT_REG]);
    }
    return bytes > 0;
  };
  return {
    /** Whether the folder itself says that the last one is a file. */
    isFile: false,
    next() {
      while (at === found.length) if (!more()) return undefined;
      const [name, isFile] = found[at++];
      this.isFile = isFile;
      return name;
    },
    close: () => fs.closeSync(fd),
  };
};
const openByHandle = (folder, all) => {
  const handle = fs.opendirSync(folder, { bufferSize: 256 });
  let odd = false, rest;
  return {
    isFile: false,
    next() {
      for (;;) {
        if (rest !== undefined) {
          this.isFile = false;
          return rest.pop();
        }
        const entry = handle.readSync();
        if (entry === null) {
          rest = odd ? all().filter((name) => typeof name !== "string" || name.includes("\\uFFFD")) : [];
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
const AT_SYMLINK_NOFOLLOW = 0x100, SECOND = 256;
/** Asks for a name in a folder that node:fs has opened, into one of the two structs; false where node:fs has to say why not. */
const ask = (fd, name, at) => {
  const length = typeof name === "string" ? page.write(name, NAME) : name.copy(page, NAME);
  page[NAME + length] = 0;
  return functions.statx(fd, pointer(scratchAt + NAME), AT_SYMLINK_NOFOLLOW, STATX, pointer(scratchAt + at)) === 0;
};
// glibc's makedev(3)
const device = (at) => {
  const [major, minor] = [BigInt(scratch.getUint32(at, true)), BigInt(scratch.getUint32(at + 4, true))];
  return (major & 0xfffff000n) << 32n | (major & 0xfffn) << 8n | (minor & 0xffffff00n) << 12n | minor & 0xffn;
};
/** struct statx, as fill() has it. */
const fillAsked = (stats, at, from) => {
  stats[at] = BigInt(scratch.getUint16(from + 28, true));
  stats[at + 1] = scratch.getBigInt64(from + 40, true);
  stats[at + 2] = time(from + 112);
  stats[at + 3] = BigInt(scratch.getUint32(from + 16, true));
  stats[at + 4] = device(from + 136);
  stats[at + 5] = scratch.getBigInt64(from + 32, true);
  stats[at + 6] = BigInt(scratch.getUint32(from + 20, true));
  stats[at + 7] = BigInt(scratch.getUint32(from + 24, true));
  stats[at + 8] = scratch.getBigInt64(from + 48, true);
  stats[at + 9] = device(from + 128);
};
/** Whether both structs are of files with one name, of the same size and time, and not the same file. */
const areSame = ({ mode, ownership }) => {
  const isFile = (at) => (scratch.getUint16(at + 28, true) & S_IFMT) === S_IFREG;
  const equal = (at, bytes) => page.compare(page, SECOND + at, SECOND + at + bytes, at, at + bytes) === 0;
  return isFile(0) && isFile(SECOND) && scratch.getUint32(16, true) === 1 && equal(40, 8) && equal(112, 12) &&
    (!mode || equal(28, 2)) && (!ownership || equal(20, 8)) && !(equal(32, 8) && equal(136, 8));
};
/** Whether something in a folder that node:fs has opened has attributes or lists; also if that is not to be known. */
const isMarked = (fd, name) => {
  if (functions.llistxattr === undefined) return true;
  const at = NAMES + page.write("/proc/self/fd/" + fd + "/", NAMES);
  page[at + (typeof name === "string" ? page.write(name, at) : name.copy(page, at))] = 0;
  return Number(functions.llistxattr(pointer(scratchAt + NAMES), pointer(0), pointer(0))) !== 0;
};
const openFolder = (folder) => {
  try {
    return fs.openSync(folder, O_RDONLY | O_DIRECTORY);
  } catch {
    return -1;
  }
};
/** Entries that are looked at for one message, at most. */
const LOOKED_AT = 4096;
/** What the owner is told of entries; at most so many. */
const listing = (source, target, most, follow, countsSame = false, kept = {}) => {
  const asksMarks = target !== null && Boolean(kept.mode || kept.attributes);
  const marks = new Uint8Array(asksMarks ? most : 0).fill(1), names = [], errors = [], stats = new BigInt64Array(most * ${STAT_WORDS});
  const targets = new BigInt64Array(target === null ? 0 : most * ${STAT_WORDS});
  const [folder, counterpart] = [bytesOf(source), target === null ? null : bytesOf(target)];
  const native = isNative && !follow;
  let from = -1, to = -1, opened = false, sameFiles = 0, sameBytes = 0;
  // the answers of the system's own call; false where there are none
  const addAsked = (name, at) => {
    if (!opened) [from, to, opened] = [openFolder(folder), counterpart === null ? -1 : openFolder(counterpart), true];
    if (from < 0 || counterpart !== null && to < 0 || !ask(from, name, 0)) return false;
    const there = counterpart !== null && ask(to, name, SECOND);
    const isPlain = there && asksMarks && !isMarked(from, name) && !isMarked(to, name);
    if (there && countsSame && (isPlain || !asksMarks) && areSame(kept)) {
      sameFiles++;
      sameBytes += long(40);
      return true;
    }
    // whether it is not there, or cannot be looked at
    const found = there || counterpart === null ? undefined : fs.lstatSync(join(counterpart, name), { bigint: true, throwIfNoEntry: false });
    fillAsked(stats, at, 0);
    if (there) fillAsked(targets, at, SECOND);
    else if (found !== undefined) fill(targets, at, found);
    if (isPlain) marks[names.length] = 0;
    names.push(name);
    return true;
  };
  const close = () => {
    for (const fd of [from, to]) if (fd >= 0) fs.closeSync(fd);
    return [sameFiles, sameBytes];
  };
  const add = (name) => {
    const at = names.length * ${STAT_WORDS};
    try {
      if (native && addAsked(name, at)) return;
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
  const told = () => {
    const used = names.length * ${STAT_WORDS};
    return { names, errors, marks: marks.slice(0, names.length), stats: stats.slice(0, used), targets: targets.slice(0, used) };
  };
  return { names, add, close, told };
};
const list = (request) => {
  const { source, target, most, follow, cursor } = request;
  const entries = cursor === 0 ? open(request) : cursors.get(cursor);
  const { names, add, close, told } = listing(source, target, most, follow, request.same, request.kept);
  let name, same, looked = 0;
  try {
    while (names.length < most && looked++ < LOOKED_AT && (name = entries.next()) !== undefined) add(name);
  } finally {
    same = close();
  }
  return { ...told(), same, cursor: keepOrClose(cursor, entries, name === undefined) };
};
/** Lists a folder whose target is new, and copies its small files at once; only the others are told of. */
const fillFolder = (request) => {
  const { source, target, most, bytesMost, cursor, how } = request;
  const [from, to] = [bytesOf(source), bytesOf(target)];
  const entries = cursor === 0 ? open({ source, sorted: false }) : cursors.get(cursor);
  const { names, add, close, told } = listing(source, null, most, false);
  const copied = [], outcomes = [];
  let name, bytes = 0;
  try {
    while (copied.length + names.length < most && bytes < bytesMost && (name = entries.next()) !== undefined) {
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
  } finally {
    close();
  }
  return { listed: { ...told(), same: [0, 0], cursor: keepOrClose(cursor, entries, name === undefined) }, copied, outcomes };
};
`;
