/**
 * The part of the files thread that copies small files and symbolic links whole: under a temporary name that says for what
 * and whose it is, and renamed when it is complete. They live for a moment and are not locked: as long as the process lives
 * that their names tell, nobody removes them.
 *
 * @module
 */

/** The text of this part. */
export const COPY_PART: string = String.raw`
// struct statx: stx_nlink 16, stx_uid 20, stx_gid 24, stx_mode 28, stx_size 40, stx_blocks 48, stx_atime 64, stx_mtime 112
const long = (offset) => scratch.getUint32(offset, true) + scratch.getInt32(offset + 4, true) * 4294967296;
const time = (offset) => scratch.getBigInt64(offset, true) * 1000000000n + BigInt(scratch.getUint32(offset + 8, true));
const look = (fd, exact) => {
  if (isNative && functions.statx(fd, pointer(scratchAt + EMPTY), AT_EMPTY_PATH, STATX, pointer(scratchAt)) === 0) {
    return {
      mode: scratch.getUint16(28, true), size: long(40), blocks: long(48),
      links: scratch.getUint32(16, true), uid: scratch.getUint32(20, true), gid: scratch.getUint32(24, true),
      changed: long(112) * 1000 + scratch.getUint32(120, true) / 1e6,
      times: exact ? [time(64), time(112)] : undefined,
    };
  }
  const found = fs.fstatSync(fd, { bigint: exact });
  const { nlink } = found;
  const [mode, size, blocks, links, uid, gid] = [found.mode, found.size, found.blocks, nlink, found.uid, found.gid].map(Number);
  return { mode, size, blocks, links, uid, gid, changed: Number(found.mtimeMs), times: exact ? [found.atimeNs, found.mtimeNs] : undefined };
};
const putTimes = (times) => {
  for (const [index, time] of times.entries()) { // two of struct timespec, at 512
    const part = (time % 1000000000n + 1000000000n) % 1000000000n;
    scratch.setBigInt64(512 + index * 16, (time - part) / 1000000000n, true);
    scratch.setBigInt64(520 + index * 16, part, true);
  }
  scratch.setUint8(544, 0);
};
const setTimes = (fd, times) => {
  if (functions.futimens === undefined || scratch === undefined) return fs.futimesSync(fd, Number(times[0]) / 1e9, Number(times[1]) / 1e9);
  putTimes(times);
  if (functions.futimens(fd, pointer(scratchAt + 512)) !== 0) throw Object.assign(new Error("EPERM: futimens"), { code: "EPERM", syscall: "futimens" });
};
const hasAttributes = (fd) => functions.flistxattr !== undefined && Number(functions.flistxattr(fd, pointer(0), pointer(0))) > 0;

const hasList = (fd) => {
  if (scratch === undefined || functions.flistxattr === undefined || functions.fremovexattr === undefined) return false;
  const bytes = Number(functions.flistxattr(fd, pointer(scratchAt + NAMES), pointer(PAGE - NAMES)));
  return bytes > 0 && page.subarray(NAMES, NAMES + bytes).includes("system.posix_acl_access");
};
// a folder's default list is in force for what is made in it: a mode alone would let those in who are named there
const dropList = (fd) => {
  if (!hasList(fd)) return;
  functions.fremovexattr(fd, pointer(scratchAt + LIST_NAME));
  if (hasList(fd)) throw Object.assign(new Error("EPERM: fremovexattr"), { code: "EPERM", syscall: "fremovexattr" });
};
const change = (step) => {
  try {
    step();
    return true;
  } catch {
    return false;
  }
};
// Node's permission model knows no calls that change a file by its descriptor
const orByName = (byDescriptor, byName) => {
  try {
    byDescriptor();
  } catch (error) {
    if (error.code !== "ERR_ACCESS_DENIED") throw error;
    byName();
  }
};
const setOwner = (fd, { uid, gid }) => {
  const now = fs.fstatSync(fd);
  const [user, group] = [Number(uid), Number(gid)];
  if (now.uid === user && now.gid === group) return true;
  if (change(() => fs.fchownSync(fd, user, group))) return true;
  change(() => fs.fchownSync(fd, now.uid, group));
  change(() => fs.fchownSync(fd, user, now.gid));
  return false;
};
const isOf = (fd, { uid, gid }) => {
  const now = fs.fstatSync(fd);
  return now.uid === uid && now.gid === gid;
};
// the new group gets no more than everybody had, and everybody no more than the old group
const withoutGroup = (mode) => mode & 0o700 | (mode >> 3 & mode & 7) * 9;
// whoever moves bytes takes the time that they may need, behind those who took theirs before
const pause = (bytes, how) => {
  const next = new BigInt64Array(how.next), halt = new Int32Array(how.halt);
  const length = BigInt(Math.ceil(bytes / how.bytesPerSecond * 1e6));
  for (;;) {
    const taken = Atomics.load(next, 0), now = BigInt(Date.now()) * 1000n;
    const end = (taken > now ? taken : now) + length;
    if (Atomics.compareExchange(next, 0, taken, end) !== taken) continue;
    for (let left; (left = Number(end) / 1000 - Date.now()) > 0;) {
      checkHalt(halt);
      Atomics.wait(halt, 0, 0, Math.min(left, 100));
    }
    return;
  }
};
const checkHalt = (halt) => {
  if (Atomics.load(halt, 0) !== 0) throw Object.assign(new Error("ECANCELED: ended"), { code: "ECANCELED", syscall: "copy" });
};
const digestOf = (path, algorithm, halt, again = false) => {
  const fd = fs.openSync(path, O_RDONLY);
  try {
    if (again) fs.fsyncSync(fd);
    if (functions.posix_fadvise !== undefined) functions.posix_fadvise(fd, pointer(0), pointer(0), again ? DONTNEED : SEQUENTIAL);
    const hash = crypto.createHash(algorithm);
    let bytes = 0;
    for (let got; (got = fs.readSync(fd, chunk, 0, chunk.length, null)) > 0; bytes += got) {
      checkHalt(halt);
      hash.update(got === chunk.length ? chunk : chunk.subarray(0, got));
    }
    return [bytes, hash.digest("hex")];
  } finally {
    fs.closeSync(fd);
  }
};
const changed = () => Object.assign(new Error("EBUSY: it was changed while it was copied"), { code: "EBUSY", syscall: "read" });

// what is left of it at errors is told by node:fs, which makes the call once more
const read = (fd) => {
  const got = isNative ? Number(functions.read(fd, pointer(chunkAt), pointer(chunk.length))) : -1;
  return got >= 0 ? got : fs.readSync(fd, chunk, 0, chunk.length, null);
};
const write = (fd, from, bytes) => {
  const done = isNative ? Number(functions.write(fd, pointer(chunkAt + from), pointer(bytes))) : -1;
  return done >= 0 ? done : fs.writeSync(fd, chunk, from, bytes, null);
};
// a hole is what is all zeros then
const skipOrWrite = (to, at, bytes) => {
  const data = chunk.subarray(0, bytes);
  if (data[0] === 0 && data.subarray(1).equals(data.subarray(0, bytes - 1))) return;
  for (let done = 0; done < bytes;) done += fs.writeSync(to, chunk, done, bytes - done, at + done);
};
const move = (from, to, how, hash, sparse) => {
  const halt = new Int32Array(how.halt);
  let total = 0;
  for (let got; (got = read(from)) > 0;) {
    checkHalt(halt);
    if (hash !== null) hash.update(got === chunk.length ? chunk : chunk.subarray(0, got));
    if (sparse) skipOrWrite(to, total, got);
    else for (let done = 0; done < got;) done += write(to, done, got - done);
    total += got;
    if (how.bytesPerSecond > 0) pause(got, how);
    if (got < chunk.length) break;
  }
  if (sparse) fs.ftruncateSync(to, total);
  return total;
};
const copyFile = (source, target, how) => {
  try {
    return copyWhole(source, target, how);
  } catch (error) {
    if (error.care && !how.alone) return "care";
    throw error;
  }
};
const copyWhole = (source, target, how) => {
  const from = fs.openSync(source, O_RDONLY | O_NONBLOCK | (how.follow ? 0 : O_NOFOLLOW));
  try {
    const before = look(from, how.timestamps);
    if ((before.mode & S_IFMT) !== S_IFREG) return "care";
    if (how.smallBytes > 0 && (before.size > how.smallBytes || before.links > 1)) return "care";
    const sparse = before.blocks * 512 < before.size && before.size > 4096;
    const marked = how.careful && hasAttributes(from);
    if ((sparse || marked || addsOnly(target)) && !how.alone) return "care";
    // where there is a list the group's rights are its mask, which is more than the group's own
    const mode = before.mode & (marked ? 0o7707 : 0o7777);
    const hash = how.algorithm === "" ? null : crypto.createHash(how.algorithm);
    const temporary = temporaryOf(target);
    const first = how.likeMode >= 0 ? 0o600 : how.mode ? mode & 0o700 : mode & 0o777;
    const to = orCare(() => fs.openSync(temporary, O_WRONLY | O_CREAT | O_EXCL, first));
    let named = false, bytes = 0;
    try {
      try {
        bytes = move(from, to, how, hash, sparse);
        const after = look(from, false);
        // files of sysfs say that they have a page, and of some FUSE mounts more than they give
        const pretends = before.blocks === 0 && bytes < before.size;
        if (after.changed !== before.changed || after.size !== before.size || before.size !== 0 && bytes !== before.size && !pretends) {
          throw changed(); // files that do not tell their size, as those of procfs, say 0
        }
        const owner = how.ownership ? before : how.likeOwner === null ? null : { uid: how.likeOwner[0], gid: how.likeOwner[1] };
        // setuid and setgid stand for an owner and a group
        const kept = owner !== null ? setOwner(to, owner) : !how.mode || (mode & 0o7000) === 0 || isOf(to, before);
        const wanted = how.likeMode >= 0 ? (kept ? how.likeMode : withoutGroup(how.likeMode)) : how.mode ? (kept ? mode : mode & 0o777) : -1;
        if (wanted >= 0) dropList(to);
        if (wanted >= 0) orCare(() => orByName(() => fs.fchmodSync(to, wanted), () => fs.chmodSync(temporary, wanted)));
        if (how.timestamps) setTimes(to, before.times);
        if (how.sync) fs.fsyncSync(to);
      } finally {
        fs.closeSync(to);
      }
      named = orCare(() => giveName(temporary, target, how));
    } catch (error) {
      // whoever closed the folder meanwhile has closed it for that as well
      throw change(() => fs.unlinkSync(temporary)) ? error : Object.assign(error, { care: false, left: temporary });
    }
    if (!named) change(() => fs.unlinkSync(temporary));
    const digest = hash === null ? "" : hash.digest("hex");
    if (how.verify && digestOf(target, how.algorithm, new Int32Array(how.halt), true)[1] !== digest) {
      throw Object.assign(new Error("EIO: the copy differs from what was read"), { code: "EIO", syscall: "verify" });
    }
    return [bytes, digest, marked];
  } finally {
    fs.closeSync(from);
  }
};
const copyLink = (source, target, replaces, how) => {
  const found = fs.lstatSync(source, BIG);
  const to = Buffer.from(fs.readlinkSync(source, { encoding: "buffer" }));
  const text = to.toString();
  const value = text.includes("\uFFFD") ? to : text;
  const name = replaces ? temporaryOf(target) : target;
  fs.symlinkSync(value, name);
  if (how.ownership) change(() => fs.lchownSync(name, Number(found.uid), Number(found.gid)));
  if (how.timestamps && options.pathFlag !== 0 && functions.utimensat !== undefined && scratch !== undefined) {
    const [from, to] = [source, name].map((path) => fs.openSync(path, options.pathFlag | O_NOFOLLOW));
    putTimes(look(from, true).times);
    functions.utimensat(to, pointer(scratchAt + 544), pointer(scratchAt + 512), AT_EMPTY_PATH);
    fs.closeSync(from);
    fs.closeSync(to);
  } else if (how.timestamps) {
    change(() => fs.lutimesSync(name, Number(found.atimeNs) / 1e9, Number(found.mtimeNs) / 1e9));
  }
  try {
    if (replaces) fs.renameSync(name, target);
  } catch (error) {
    change(() => fs.unlinkSync(name));
    throw error;
  }
  return [0, ""];
};
`;
