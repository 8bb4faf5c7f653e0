/**
 * The part of the files thread that makes temporary names, which say for what and whose they are, and gives files their own.
 *
 * @module
 */

/** The text of this part. */
export const NAMES_PART: string = String.raw`
const randomName = () => {
  if (randomAt === random.length) {
    random = crypto.randomBytes(600).toString("hex");
    randomAt = 0;
  }
  return random.slice(randomAt, randomAt += 12);
};
const label = (base) => {
  if (base.length <= 100 || Buffer.byteLength(base) <= 150) return base;
  let hash = 0;
  for (const byte of Buffer.from(base)) hash = (Math.imul(hash, 31) + byte) >>> 0;
  let short = base;
  while (Buffer.byteLength(short) > 150) short = short.replace(/.$/su, "");
  return short + "~" + hash.toString(16);
};
const temporaryOf = (target) => {
  const ending = "." + options.owner + "." + randomName() + ".aio-copy";
  if (typeof target === "string") {
    const cut = target.lastIndexOf("/") + 1;
    return target.slice(0, cut) + "." + label(target.slice(cut)) + ending;
  }
  const cut = target.lastIndexOf(47) + 1;
  return Buffer.concat([target.subarray(0, cut), Buffer.from(".odd" + ending)]);
};
const swapped = (name) => name.replace(/[a-zA-Z]/g, (letter) => letter < "a" ? letter.toLowerCase() : letter.toUpperCase());
// what a place answers in which a file has to be made otherwise: the thread's owner knows how
const OTHERWISE = ["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EBUSY", "EINVAL", "ENAMETOOLONG"];
const orCare = (step) => {
  try {
    return step();
  } catch (error) {
    throw OTHERWISE.includes(error.code) ? Object.assign(error, { care: true }) : error;
  }
};
let looked, adding = false;
// whether a folder only takes additions (chattr +a), so that a temporary name could never be taken away again; asked once for each folder
const addsOnly = (target) => {
  if (typeof target !== "string" || !isNative) return false;
  const folder = target.slice(0, target.lastIndexOf("/") + 1);
  if (folder === looked) return adding;
  const fd = openFolder(folder);
  if (fd < 0) return false;
  adding = functions.statx(fd, pointer(scratchAt + EMPTY), AT_EMPTY_PATH, 0, pointer(scratchAt)) === 0 && (scratch.getUint32(8, true) & 0x20) !== 0;
  fs.closeSync(fd);
  looked = folder;
  return adding;
};
let probed, folding = false;
// whether a folder takes names for one that differ in their case: the temporary file tells, once for each folder
const folds = (temporary) => {
  if (typeof temporary !== "string") return false;
  const cut = temporary.lastIndexOf("/") + 1, folder = temporary.slice(0, cut);
  if (folder !== probed) {
    probed = folder;
    folding = fs.existsSync(folder + swapped(temporary.slice(cut)));
  }
  return folding;
};
const mustBeFree = (target) => {
  if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw Object.assign(new Error("EEXIST: link"), { code: "EEXIST", syscall: "link" });
};
// whether the temporary name is gone afterwards
const giveName = (temporary, target, how) => {
  if (how.exclusive) {
    try {
      fs.linkSync(temporary, target);
      return false;
    } catch (error) {
      if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(error.code)) throw error;
      mustBeFree(target); // a file system without hard links
    }
  } else if (how.fresh && folds(temporary)) {
    mustBeFree(target);
  }
  fs.renameSync(temporary, target);
  return true;
};
`;
