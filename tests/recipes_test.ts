// docs/recipes.md: every block for a shell is run as it stands there, with `aio` on the PATH and /mnt in a temporary folder,
// and does what the page says of it. A block that no test has run fails. Runs on Bun in short runs.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { itOnLinux } from "./support/platform.ts";
import { Stage } from "./support/stage.ts";
import type { Ended } from "./support/stage.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PAGE = fs.readFileSync(`${ROOT}docs/recipes.md`, "utf8");

/** The sections that have blocks for a shell, by their headings. */
const SECTIONS: Map<string, string[]> = new Map(
  PAGE.split("\n## ").slice(1).map((section): [string, string[]] => [
    section.slice(0, section.indexOf("\n")),
    [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block),
  ]),
);

/** Where one recipe is tried. */
class Kitchen extends Stage {
  readonly #blocks: string[];
  readonly #used: Set<number> = new Set();

  constructor(heading: string) {
    super();
    this.#blocks = SECTIONS.get(heading) ?? [];
    for (const disk of ["backup", "mirror", "new"]) fs.mkdirSync(this.at(`mnt/${disk}`), { recursive: true });
    this.plant("photos");
    fs.symlinkSync(`${ROOT}examples/backup/backup.sh`, this.at("bin/backup.sh"));
  }

  /** A block as it is run here: only where disks are mounted is different. */
  text(index: number): string {
    this.#used.add(index);
    return this.#blocks[index].replaceAll("/mnt/", `${this.path}/mnt/`);
  }

  /** Runs a block; a line of it that fails ends it. */
  run(index: number, env: Record<string, string> = {}): Ended {
    return this.shell(`set -e\n${this.text(index)}`, env);
  }

  /** Runs a block that works. */
  works(index: number, env: Record<string, string> = {}): string {
    const { code, stdout, stderr } = this.run(index, env);
    const complaints = stderr.split("\n").filter((line) => !/^$| of \d+\+? files /.test(line)); // on a slow machine
    assertEquals([code, complaints], [0, []], stdout);
    return stdout;
  }

  /** Whether all blocks have been run. */
  done(): void {
    assertEquals([...this.#used].sort(), [...this.#blocks.keys()]);
  }

  /** That a folder has what the photos have, down to times and modes. */
  same(target: string): void {
    assertEquals(this.listing(target), this.listing("photos"));
  }
}

const RECIPES: Readonly<Record<string, (kitchen: Kitchen) => void | Promise<void>>> = {
  "A copy to rely on"(kitchen) {
    kitchen.works(0);
    kitchen.same("mnt/backup/photos");
  },

  "A backup each day"(kitchen) {
    const on = (DAY: string) => kitchen.works(0, { DAY, KEEP: "2" });
    const inode = (name: string) => fs.statSync(kitchen.at(name)).ino;
    kitchen.write("bin/date", '#!/bin/sh\n[ "$1" = +%F ] && echo "$DAY"\n');
    fs.chmodSync(kitchen.at("bin/date"), 0o755);
    on("2026-01-01");
    kitchen.same("mnt/backup/2026-01-01");
    const first = kitchen.listing("mnt/backup/2026-01-01");
    kitchen.write("photos/index", "changed\n");
    fs.rmSync(kitchen.at("photos/2024/3.jpg"));
    kitchen.write("photos/new", "new\n");

    // interrupted: half of it is there, and goes on
    fs.mkdirSync(kitchen.at("mnt/backup/unfinished"));
    kitchen.write("mnt/backup/unfinished/gone", "of another day\n");
    on("2026-01-02");
    kitchen.same("mnt/backup/2026-01-02");
    on("2026-01-02"); // does nothing
    assertEquals(kitchen.listing("mnt/backup/2026-01-01"), first);

    on("2026-01-03");
    kitchen.same("mnt/backup/2026-01-03");
    assertEquals(inode("mnt/backup/2026-01-03/index"), inode("mnt/backup/2026-01-02/index"));
    const names = ["2026-01-02", "2026-01-02.sums", "2026-01-03", "2026-01-03.sums"];
    assertEquals(fs.readdirSync(kitchen.at("mnt/backup")).sort(), names);
    kitchen.works(1);
    kitchen.same("restored");
    kitchen.write("mnt/backup/2026-01-03/index", "damaged\n");
    assertMatch(kitchen.run(1).stdout, /^index: FAILED$/m);

    // a source that cannot be read whole: no backup of that day, and the others as they were
    fs.rmSync(kitchen.at("photos"), { recursive: true });
    fs.mkdirSync(kitchen.at("photos"));
    const { code, stderr } = kitchen.run(0, { DAY: "2026-01-04" });
    assertEquals([code, fs.existsSync(kitchen.at("mnt/backup/2026-01-04"))], [1, false], stderr);
  },

  "A mirror, with what was deleted"(kitchen) {
    kitchen.works(0);
    kitchen.same("mnt/mirror");
    fs.rmSync(kitchen.at("photos/2024/1.jpg"));
    const told = kitchen.works(0);
    assertMatch(told, /deleted .*1\.jpg\n[^]*nothing was done[^]*1 deleted/);
    kitchen.same("mnt/mirror");
    fs.rmSync(kitchen.at("photos"), { recursive: true });
    fs.mkdirSync(kitchen.at("photos"));
    assertEquals(kitchen.run(0).code, 1);
    assert(fs.existsSync(kitchen.at("mnt/mirror/index")));
  },

  "Verify after moving disks"(kitchen) {
    kitchen.works(0);
    kitchen.same("mnt/new/photos");
    kitchen.works(1);
    kitchen.works(2);
    kitchen.works(1); // with the list of what was there before
    kitchen.write("mnt/new/photos/2024/2.jpg", "damaged");
    const { code, stdout } = kitchen.run(1);
    assertEquals(code, 1);
    assertMatch(stdout, /2024\/2\.jpg: FAILED\n/);
  },

  async "Go on after an interruption"(kitchen) {
    for (let index = 0; index < 20; index++) kitchen.write(`photos/big${index}`, new Uint8Array(200_000).fill(index));
    const slow = { ...kitchen.environment, AIO_MORE: "--bandwidth 1M" };
    const child = spawn("bash", ["-c", kitchen.text(0)], { cwd: kitchen.path, env: slow, detached: true });
    const ended = new Promise((resolve) => child.on("close", resolve));
    const count = () => {
      const folder = kitchen.at("mnt/new/photos");
      return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.startsWith("big")).length : 0;
    };
    while (count() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    assert(count() < 20, "it was not interrupted");
    assertMatch(kitchen.works(0), /skipped/);
    kitchen.same("mnt/new/photos");
    const { code } = kitchen.shell("aio verify --quiet -C mnt/new/photos photos.sums");
    const lines = fs.readFileSync(kitchen.at("photos.sums"), "utf8").trim().split("\n");
    const files = kitchen.listing("photos").filter((line) => line.includes(" file ")).length;
    assertEquals([code, lines.length], [0, files]);
    kitchen.works(1);
    kitchen.same("mnt/new/photos");
  },

  "Many machines"(kitchen) {
    for (let index = 0; index < 30; index++) kitchen.write(`photos/more${index}`, `${index}\n`);
    kitchen.works(0);
    assertEquals(kitchen.works(1), "");
    kitchen.same("mnt/new/photos");
    kitchen.shell("aio copy -r --quiet --manifest whole photos whole.copy; LC_ALL=C sort -k 2 whole > sorted");
    const read = (name: string) => fs.readFileSync(kitchen.at(name), "utf8");
    assertEquals(read("photos.sums"), read("sorted"));
    const parts = [0, 1, 2, 3].map((part) => read(`part${part}.sums`).split("\n").length);
    assert(parts.every((lines) => lines > 1), parts.join());
  },
};

describe("the recipes", () => {
  for (const [heading, recipe] of Object.entries(RECIPES)) {
    itOnLinux(heading, async () => {
      using kitchen = new Kitchen(heading);
      await recipe(kitchen);
      kitchen.done();
    });
  }

  it("are all tried, and show the examples as they are", () => {
    assertEquals([...SECTIONS.keys()], Object.keys(RECIPES));
    const shown = [...PAGE.matchAll(/<!-- (\S+) -->\n\n```bash\n([^]*?)```\n/g)];
    assertEquals(shown.length, 1);
    for (const [, file, text] of shown) assertEquals(text, fs.readFileSync(ROOT + file, "utf8"));
    assertEquals(PAGE.match(/^```\w+$/gm)?.length, shown.length + [...SECTIONS.values()].flat().length);
  });
});
