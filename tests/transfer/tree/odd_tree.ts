/**
 * Trees with every kind of entry, and the judge of whether two trees are the same.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { knownBytes } from "../../support/files.ts";

/** Why there is no judge; `undefined` if there is. */
export const noRsync: string | undefined = process.platform !== "linux"
  ? "not Linux"
  : process.getuid?.() !== 0
  ? "only root may give files away"
  : spawnSync("rsync", ["--version"]).status === 0
  ? undefined
  : "there is no rsync";

/** Deno gives names that are no UTF-8 with U+FFFD in them, and cannot open them. */
export const hasBytes: boolean = process.versions.deno === undefined;

/** What rsync would still have to do to make the target like the source: nothing, if it is the same. */
export function differences(source: string, target: string): string {
  const args = ["-aHAXn", "--delete", "--itemize-changes", "--checksum", `${source}/`, `${target}/`];
  const { stdout, stderr, status } = spawnSync("rsync", args);
  return status === 0 ? stdout.toString("latin1") : stderr.toString();
}

/** Runs a shell's script in a folder: for names that JavaScript's strings cannot hold. */
export function shell(folder: string, script: string): void {
  const { status, stderr } = spawnSync("bash", ["-e", "-c", script], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** Makes a tree with everything in it that a file system has. */
export function makeOddTree(root: string, options: { readonly bytes: boolean }): void {
  fs.mkdirSync(root, { recursive: true });
  const at = (name: string) => `${root}/${name}`;
  for (
    const [name, size] of [["empty", 0], ["one", 1], ["page", 4096], ["small", 70_001], ["big", 3_000_001]] as const
  ) {
    fs.writeFileSync(at(name), knownBytes(size));
  }
  shell(
    root,
    `
    mkdir -p folder/inner 'empty folder' private; chmod 700 private; chmod 2775 folder; chmod 1777 'empty folder'
    echo x > folder/file; echo y > folder/inner/file; echo z > private/secret; chmod 600 private/secret
    echo s > setuid; chmod 6755 setuid; echo r > readonly; chmod 444 readonly; echo n > none; chmod 000 none
    echo o > owned; chown 2001:3001 owned; ln -s folder link; ln -s nowhere dangling; ln -s . folder/loop
    ln -s /etc/hostname absolute; chown -h 2002:3002 dangling; touch -h -d '2001-02-03 04:05:06.123456789' dangling
    echo h > hard1; ln hard1 hard2; ln hard1 folder/hard3; head -c 5000000 /dev/zero > hardbig; ln hardbig folder/hardbig2
    mkfifo fifo; mknod null c 1 3
    truncate -s 10M sparse; printf end | dd of=sparse bs=1 seek=6000000 conv=notrunc status=none
    touch -d '1999-12-31 23:59:59.999999999' one; touch -d '2024-01-02 03:04:05.000000007' folder/inner
    echo q > 'with "quotes" and '"'"'these'"'"; echo n > $'new\\nline'; echo t > $'tab\\tescape\\e[31m'; echo d > -dash
    echo e > $'trailing space '; echo u > 'ünïcödé ☃'; mkdir 'deep'; cd deep
    for i in $(seq 200); do mkdir d; cd d; done; echo bottom > file
  `,
  );
  fs.writeFileSync(at("n".repeat(255)), "a long name");
  fs.symlinkSync("t".repeat(200), at("long link"));
  if (options.bytes) {
    shell(
      root,
      `echo b > $'bytes\\xe9'; mkdir $'folder\\xff'; echo c > $'folder\\xff/in\\xfe'; ln -s $'to\\xfd' $'link\\xfc'
      for n in $'bytes\\xe9' $'folder\\xff/in\\xfe' $'folder\\xff'; do setfattr -n user.note -v odd "$n"; setfacl -m u:2009:r-- "$n"; done`,
    );
  }
  spawnSync("setfattr", ["-n", "user.note", "-v", "kept", at("small")]);
  spawnSync("setfacl", ["-m", "u:2009:rw-", at("page")]);
  spawnSync("setfacl", ["-m", "u:2009:rwx", at("folder")]);
  spawnSync("setfacl", ["-d", "-m", "u:2010:rwx", at("folder/inner")]);
  spawnSync("setfattr", ["-n", "user.folder", "-v", "too", at("folder")]);
}
