/**
 * The example file server as a process of its own, with the runtime that runs the test.
 *
 * @module
 */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CHILD_ENVIRONMENT, EMULATOR, RUNTIME_ARGUMENTS } from "../support/child.ts";

/** A server that listens. */
export class Server implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Starts an example with a folder, on a port that is free. */
  static start(example: string, folder: string): Promise<Server> {
    const script = fileURLToPath(new URL(`../../examples/http/${example}`, import.meta.url));
    const [file, ...args] = [...EMULATOR, process.execPath, ...RUNTIME_ARGUMENTS, script, folder, "0"];
    const child = spawn(file, args, {
      env: { ...CHILD_ENVIRONMENT, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Promise((resolve, reject) => {
      let output = "";
      const onData = (data: Uint8Array) => {
        output += data;
        const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(output) ?? [];
        if (url !== undefined) resolve(new Server(url, child));
      };
      child.stdout.on("data", onData);
      child.stderr.on("data", onData);
      child.on("close", (code) => reject(new Error(`${example} ended with ${code}: ${output}`)));
    });
  }

  /** Bytes that it has read since it was started, from files and from sockets. */
  bytesRead(): number {
    return Number(/^rchar: (\d+)$/m.exec(fs.readFileSync(`/proc/${this.#child.pid}/io`, "utf8"))![1]);
  }

  /** How often it has a file open. */
  opened(path: string): number {
    const folder = `/proc/${this.#child.pid}/fd`;
    return fs.readdirSync(folder).filter((fd) => {
      try {
        return fs.readlinkSync(`${folder}/${fd}`) === path;
      } catch {
        return false; // closed meanwhile
      }
    }).length;
  }

  /** Sends a request as it stands, and gives the connection, which reads nothing by itself. */
  async send(...lines: string[]): Promise<net.Socket> {
    const socket = net.connect({ host: "127.0.0.1", port: Number(new URL(this.url).port) });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.pause();
    socket.write([...lines, "Host: localhost", "", ""].join("\r\n"));
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on("close", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}
