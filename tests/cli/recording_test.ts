// The pictures of the README: they are there and small, and the script that records the command on a terminal makes one.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { film } from "../../bench/recording/film.ts";
import { Screen } from "../../bench/recording/screen.ts";
import { runChild } from "../support/child.ts";
import { TemporaryFolder } from "../support/files.ts";
import { itUnless } from "../support/platform.ts";
import { textsOf } from "../support/svg.ts";

const noPython = spawnSync("python3", ["--version"]).status === 0 ? undefined : "there is no python3 for a terminal";
const ROOT = new URL("../../", import.meta.url);

const linesOf = (screen: Screen) => screen.rows().map((spans) => spans.map(({ text }) => text).join(""));

describe("the pictures of the README", () => {
  it("are there, well-formed and small", () => {
    const readme = fs.readFileSync(new URL("README.md", ROOT), "utf8");
    const shown = [...readme.matchAll(/^!\[[^\]]+\]\((.*)\)$/gm)].map(([, path]) => path);
    assertEquals(shown, ["docs/pictures/copy.svg", "docs/pictures/rates.svg"]);
    for (const [path, most] of [[shown[0], 60_000], [shown[1], 100_000]] as const) {
      const svg = fs.readFileSync(new URL(path, ROOT), "utf8");
      assert(svg.length < most, `${path}: ${svg.length}`);
      assert(textsOf(svg).length > 10, path);
    }
  });
});

describe("the recording of the command", () => {
  itUnless(noPython, "shows what was typed and what was printed, in the order of a strip of film", async () => {
    using folder = new TemporaryFolder();
    const out = folder.at("film.svg");
    const { code, stdout, stderr } = await runChild(new URL("bench/recording.ts", ROOT), {
      args: ["--mib", "2", "--out", out],
    });
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /film\.svg: \d+ frames, \d+ bytes\n$/);
    const texts = textsOf(fs.readFileSync(out, "utf8"));
    const typed = texts.indexOf(" aio copy --sync disk.img backup.img");
    const printed = texts.findIndex((text) => /^disk\.img -> backup\.img: 2\.00 MiB, /.test(text));
    const again = texts.findIndex((text) => /^photos -> mirror: 0 files, 0 B, 24 skipped, /.test(text));
    assert(typed > 0 && printed > typed && again > printed, texts.join("\n"));
  });

  it("says what is wrong with its options", async () => {
    const { code, stderr } = await runChild(new URL("bench/recording.ts", ROOT), { args: ["--mib", "0"] });
    assertEquals(code, 1);
    assertMatch(stderr, /--mib "0": expected a whole number above 0/);
  });
});

describe("the screen of a recording", () => {
  it("obeys the codes of a line of progress", () => {
    const screen = new Screen(10);
    screen.write("one\r\n\u001b7\u001b[?25l\u001b[?7l0123456789abc");
    assertEquals(linesOf(screen), ["one", "012345678c"]);
    screen.write("\u001b[?7h\u001b8\u001b[3Gxy\u001b[0K");
    assertEquals(linesOf(screen), ["one", "01xy"]);
    screen.write("\r\u001b[2Kab\bc\u001b[1Adef\u001b[5Gg");
    assertEquals(linesOf(screen), ["ondeg", "ac"]);
    screen.write("\u001b[1G\u001b[J01234567890");
    assertEquals(linesOf(screen), ["0123456789", "0"]);
  });

  it("keeps styles, drops what is empty at the end, and refuses what it does not know", () => {
    const screen = new Screen(20);
    screen.write("\u001b[32mgood\u001b[0m and \u001b[1;31m<bad>\u001b[0m   ");
    assertEquals(screen.rows(), [[
      { text: "good", style: "32" },
      { text: " and ", style: "" },
      { text: "<bad>", style: "1;31" },
    ]]);
    const svg = film([{ at: 0, rows: [] }, { at: 1, rows: screen.rows() }], { columns: 20, title: "a & b", rest: 1 });
    assertEquals(textsOf(svg).filter((text) => !text.includes("@keyframes")), ["a & b", "good", " and ", "<bad>"]);
    let refused = "";
    try {
      screen.write("\u001b[3B");
    } catch (error) {
      refused = (error as Error).message;
    }
    assertEquals(refused, "no screen here obeys ESC [ 3 B");
  });
});
