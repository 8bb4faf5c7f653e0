/**
 * `aio hash` and `aio verify` as data.
 *
 * @module
 */

import { CHOICE, listOptions } from "./choice.ts";
import type { CommandSpec } from "./spec.ts";

/** `aio hash` */
export const HASH: CommandSpec = {
  name: "hash",
  title: "print digests of files, and of all files in folders",
  usage: ["aio hash [options] FILE|FOLDER..."],
  about: [
    "The lines are those of sha256sum, which reads them with -c. Files in folders come in the order of the names' bytes.",
  ],
  options: [
    {
      name: "algorithm",
      short: "a",
      value: "NAME",
      text: "sha256 (default), sha512, sha1, md5, blake2b512, or what else the runtime knows",
    },
    { name: "tag", text: "Lines that name the algorithm, as with sha256sum --tag" },
    ...CHOICE,
    ...listOptions("Names"),
    { name: "json", text: "One JSON object a line" },
  ],
  operands: "files",
  done: "every file was read",
  failed: "one was not",
  interruptible: true,
};

/** `aio verify` */
export const VERIFY: CommandSpec = {
  name: "verify",
  title: "compare files with a list of digests",
  usage: ["aio verify [options] LIST..."],
  about: [
    "LIST is what aio hash, sha256sum or a relative of it has written, with --tag or without; - is standard input.",
  ],
  options: [
    {
      name: "algorithm",
      short: "a",
      value: "NAME",
      text: "The digest, where lines do not name it (default: by its length; 64 digits are sha256)",
    },
    { name: "base", short: "C", value: "FOLDER", kind: "folder", text: "Where the names begin (default: here)" },
    { name: "quiet", short: "q", text: "Do not tell of files that are as the list says" },
    { name: "status", text: "Tell of nothing, the exit status says it" },
    { name: "strict", text: "Lines that are none fail too" },
    { name: "json", text: "One JSON object a line" },
  ],
  operands: "files",
  done: "every file is as the list says",
  failed: "one is not or is missing",
  interruptible: true,
};
