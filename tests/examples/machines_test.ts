// The examples for many machines, run for real: an array job of a Slurm that is started for it, GNU parallel, and the command
// line of the Kubernetes job with the environment that its pods have. Runs on Bun in short runs.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { itUnless } from "../support/platform.ts";
import { Stage } from "../support/stage.ts";
import { Slurm } from "./slurm.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

const slurm = await Slurm.start();

/** Why a program cannot be had. */
function missing(what: string, program: string, ...args: string[]): string | undefined {
  return spawnSync(program, args).status === 0 ? undefined : `${what} is not installed`;
}

/** A stage with a tree, and the list of the whole, as one copy writes it. */
class Yard extends Stage {
  readonly whole: string;

  constructor() {
    super();
    this.plant("photos");
    for (let index = 0; index < 60; index++) {
      fs.mkdirSync(this.at(`photos/f${index % 7}/g`), { recursive: true });
      this.write(`photos/f${index % 7}/g/n${index}`, `${index}\n`);
    }
    const { code, stderr } = this.shell("aio copy -aq --manifest whole photos/. once && LC_ALL=C sort -k 2 whole");
    assertEquals(code, 0, stderr);
    this.whole = this.shell("LC_ALL=C sort -k 2 whole").stdout;
  }

  /** That a copy is whole, and so is the list of it. */
  check(target: string, list: string): void {
    assertEquals(this.listing(target), this.listing("photos"));
    assertEquals(fs.readFileSync(this.at(list), "utf8"), this.whole);
    assertEquals(this.shell(`aio verify --quiet -C "${target}" "${list}"`), { code: 0, stdout: "", stderr: "" });
  }

  /** Runs a script that has to work. */
  works(script: string, env: Record<string, string> = {}): string {
    const { code, stdout, stderr } = this.shell(script, env);
    assertEquals(code, 0, stdout + stderr);
    return stdout;
  }
}

describe("an array job of Slurm", () => {
  const reason = typeof slurm === "string" ? slurm : undefined;
  const environment = typeof slurm === "string" ? {} : slurm.environment;
  afterAll(async () => {
    if (typeof slurm !== "string") await slurm[Symbol.asyncDispose]();
  });

  /** Waits for all jobs, each of which has to work. */
  async function ended(yard: Yard): Promise<void> {
    const states = new Set(await (slurm as Slurm).jobs());
    assertEquals([...states], ["COMPLETED"], yard.shell("cat slurm-*.out").stdout);
  }

  for (const array of ["0-4", "3-9:2"]) {
    itUnless(reason, `copies a tree with the tasks ${array}, and a job after it verifies the whole`, async () => {
      using yard = new Yard();
      const copy = `sbatch --parsable --array=${array} ${EXAMPLES}slurm/copy.sh photos copy lists`;
      const after = "sbatch --dependency=afterok:$job --kill-on-invalid-dep=yes";
      yard.works(`job=$(${copy}) && ${after} ${EXAMPLES}slurm/verify.sh copy lists`, environment);
      await ended(yard);
      const tasks = array === "0-4" ? [0, 1, 2, 3, 4] : [3, 5, 7, 9];
      assertEquals(fs.readdirSync(yard.at("lists")).sort(), [...tasks.map((task) => `${task}.sums`), "all"]);
      yard.check("copy", "lists/all");
      for (const task of tasks) assert(fs.statSync(yard.at(`lists/${task}.sums`)).size > 0, `task ${task} had no file`);
    });
  }

  itUnless(reason, "has a complete list of a task that was requeued", async () => {
    using yard = new Yard();
    for (let time = 0; time < 2; time++) {
      yard.works(`sbatch --array=0-1 ${EXAMPLES}slurm/copy.sh photos copy lists`, environment);
      await ended(yard);
    }
    assertMatch(yard.works("cat slurm-*.out"), /: 0 files, 0 B, \d+ skipped/);
    yard.works("cat lists/*.sums | LC_ALL=C sort -k 2 > all");
    yard.check("copy", "all");
  });
});

describe("GNU parallel", () => {
  itUnless(missing("parallel", "parallel", "--version"), "copies a tree in parts", () => {
    using yard = new Yard();
    fs.renameSync(yard.at("photos"), yard.at("my photos"));
    fs.symlinkSync("my photos", yard.at("photos"));
    for (const parts of ["", "7"]) {
      yard.works(`${EXAMPLES}parallel/copy.sh "my photos" "a copy" list ${parts}`);
      yard.check("a copy", "list");
    }
    fs.rmSync(yard.at("my photos"), { recursive: true });
    assert(yard.shell(`${EXAMPLES}parallel/copy.sh "my photos" "a copy" list`).code !== 0);
    assertEquals(fs.readdirSync(yard.path).filter((name) => name.startsWith("list.")), []);
  });
});

describe("an indexed job of Kubernetes", () => {
  const YAML = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
  itUnless(missing("python3-yaml", "python3", "-c", "import yaml"), "copies a tree by what its pods run", () => {
    using yard = new Yard();
    const text = fs.readFileSync(`${EXAMPLES}kubernetes/job.yaml`);
    const { spec } = JSON.parse(spawnSync("python3", ["-c", YAML], { input: text, encoding: "utf8" }).stdout);
    const [container] = spec.template.spec.containers;
    const [{ name, value }] = container.env;
    assertEquals([spec.completionMode, spec.completions, name, value], ["Indexed", 8, "JOB_COMPLETIONS", "8"]);
    assertEquals([spec.parallelism, container.command.join(" ")], [8, "sh -c"]);
    const script = container.args[0].replace("deno run -A jsr:@posix/aio/cli", "aio")
      .replaceAll("/source/", `${yard.path}/photos/`).replaceAll("/target/", `${yard.path}/target/`);
    for (let index = 0; index < spec.completions; index++) {
      yard.works(script, { [name]: value, JOB_COMPLETION_INDEX: String(index) });
    }
    yard.works("cat target/lists/*.sums | LC_ALL=C sort -k 2 > all");
    yard.check("target/copy", "all");
  });

  it("is told by the environment, of which --shard auto says what is missing or wrong", () => {
    using yard = new Yard();
    const run = (env: Record<string, string>) => {
      const unset = { SLURM_ARRAY_TASK_ID: "", JOB_COMPLETION_INDEX: "", JOB_COMPLETIONS: "" };
      const { code, stderr } = yard.shell("aio copy -aq --shard auto photos/. auto", { ...unset, ...env });
      return `${code} ${stderr}`;
    };
    assertMatch(run({}), /^2 .*neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set/);
    assertMatch(run({ JOB_COMPLETION_INDEX: "0" }), /^2 .*JOB_COMPLETIONS is missing/);
    assertMatch(run({ JOB_COMPLETION_INDEX: "3", JOB_COMPLETIONS: "3" }), /^2 .*completion 3 of 3.*0 to 2/);
    assertMatch(run({ JOB_COMPLETION_INDEX: "one", JOB_COMPLETIONS: "3" }), /^2 .*JOB_COMPLETION_INDEX is "one"/);
    assertEquals(fs.existsSync(yard.at("auto")), false);
    for (const index of "012") assertEquals(run({ JOB_COMPLETION_INDEX: index, JOB_COMPLETIONS: "3" }), "0 ");
    assertEquals(yard.listing("auto"), yard.listing("photos"));
  });
});
