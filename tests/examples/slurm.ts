/**
 * A Slurm of one node on the loopback interface, with a configuration, a key and ports of its own: nothing that the machine
 * may have of Slurm takes part.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import { TemporaryFolder } from "../support/files.ts";

/** How long its daemons have to start, and to end, in milliseconds. */
const START_MS = 30_000, END_MS = 10_000;

/** Ports that nobody has at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** A running Slurm. */
export class Slurm implements AsyncDisposable {
  readonly #folder = new TemporaryFolder();
  readonly #daemons: ChildProcess[] = [];

  /** What `sbatch` and its relatives need in their environment. */
  get environment(): Record<string, string> {
    return { SLURM_CONF: this.#folder.at("slurm.conf") };
  }

  /**
   * Starts it.
   *
   * @returns The cluster, whose node is idle; or why there is none.
   */
  static async start(): Promise<Slurm | string> {
    if (process.platform !== "linux") return "Slurm is tried on Linux only";
    const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
    for (const program of ["munged", "slurmctld", "slurmd", "sbatch"]) {
      const { status } = spawnSync("sh", ["-c", `command -v ${program}`], { env: path });
      if (status !== 0) return "slurm-wlm and munge are not installed";
    }
    const slurm = new Slurm();
    const reason = await slurm.#start(path).catch((error: Error) => error.message);
    if (reason === undefined) return slurm;
    await slurm[Symbol.asyncDispose]();
    return `Slurm does not start here: ${reason.replaceAll(/\s+/g, " ")}`;
  }

  /** Starts the daemons; the result is why one does not work. */
  async #start(path: NodeJS.ProcessEnv): Promise<string | undefined> {
    const folder = this.#folder;
    const env = { ...path, ...this.environment };
    for (const name of ["state", "spool"]) fs.mkdirSync(folder.at(name));
    folder.write("key", randomBytes(1024));
    fs.chmodSync(folder.at("key"), 0o600);
    folder.write("slurm.conf", configuration(folder.path, await freePorts(2)));
    const own = ["key-file=key", "socket=socket", "pid-file=munge.pid", "log-file=munge.log", "seed-file=seed"];
    const paths = own.map((option) => `--${option.replace("=", `=${folder.path}/`)}`);
    this.#run("munged", ["--foreground", "--force", ...paths], env);
    const deadline = Date.now() + START_MS;
    while (!fs.existsSync(folder.at("socket"))) {
      if (Date.now() > deadline || this.#ended()) return this.#lastWords();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#run("slurmctld", ["-D", "-i"], env);
    this.#run("slurmd", ["-D", "-N", "single"], env);
    for (;;) {
      const { stdout } = spawnSync("sinfo", ["--noheader", "--format=%T"], { env, encoding: "utf8", timeout: 5000 });
      if (stdout?.trim() === "idle") return undefined;
      if (Date.now() > deadline || this.#ended()) return this.#lastWords();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /**
   * Waits until every job has ended.
   *
   * @returns How each job and task has ended, such as `"COMPLETED"`.
   */
  async jobs(): Promise<string[]> {
    const env = { ...process.env, ...this.environment };
    for (;;) {
      const { stdout } = spawnSync("scontrol", ["--oneliner", "show", "job"], { env, encoding: "utf8", timeout: 5000 });
      const states = [...stdout.matchAll(/ JobState=(\w+)/g)].map(([, state]) => state);
      if (states.length > 0 && states.every((state) => !/PENDING|RUNNING|COMPLETING|CONFIGURING/.test(state))) {
        return states;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    const log = fs.openSync(this.#folder.at(`${program}.out`), "w");
    this.#daemons.push(spawn(program, args, { env, stdio: ["ignore", log, log] }));
    fs.closeSync(log);
  }

  #ended(): boolean {
    return this.#daemons.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
  }

  /** What the daemons have complained of last. */
  #lastWords(): string {
    const texts = ["munged", "slurmctld", "slurmd"].map((name) => this.#folder.at(`${name}.out`))
      .filter((file) => fs.existsSync(file)).map((file) => fs.readFileSync(file, "utf8"));
    return texts.join("").match(/.*(?:error|fatal).*/gi)?.at(-1)?.trim() ?? "its node does not become idle";
  }

  /** Ends it, the node before its controller. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = new Promise((resolve) => daemon.on("close", resolve));
      daemon.kill("SIGTERM");
      const timer = setTimeout(() => daemon.kill("SIGKILL"), END_MS);
      await ended;
      clearTimeout(timer);
    }
    this.#folder[Symbol.dispose]();
  }
}

/** One node with four processors, whatever the machine has. */
function configuration(folder: string, [controller, node]: readonly number[]): string {
  const username = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
  return `ClusterName=trial
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
SlurmUser=${username}
SlurmdUser=${username}
AuthType=auth/munge
AuthInfo=socket=${folder}/socket
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
NodeName=single NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=4
PartitionName=all Nodes=single Default=YES State=UP
`;
}
