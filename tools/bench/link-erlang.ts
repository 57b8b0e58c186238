/**
 * The same messages between two Erlang nodes, where Erlang is installed: no daemon is started for it, and nothing of it
 * stays.
 *
 * @module
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SOURCE = fileURLToPath(new URL("./link_bench.erl", import.meta.url));
const RUN_MS = 60_000;
const run = promisify(execFile);

export interface Erlang {
  /** @returns messages a second. */
  rate(messages: number): Promise<number>;
  stop(): Promise<void>;
}

/** @returns undefined when it is not installed. */
export async function startErlang(folder: string): Promise<Erlang | undefined> {
  try {
    await run("erlc", ["-o", folder, SOURCE]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const port = `${await freePort()}`;
  const common = ["-noshell", "-setcookie", "bench", "-start_epmd", "false", "-erl_epmd_port", port, "-pa", folder];
  const listen = ["-kernel", "inet_dist_listen_min", port, "inet_dist_listen_max", port];
  const onlyHere = ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"];
  const far: ChildProcess = spawn(
    "erl",
    [...common, "-name", "far@127.0.0.1", ...listen, ...onlyHere, "-s", "link_bench", "far"],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  if (far.stdout !== null) await once(far.stdout, "data");
  return {
    async rate(messages) {
      const near = ["-name", "near@127.0.0.1", "-dist_listen", "false", "-eval", `link_bench:near(${messages}).`];
      const { stdout } = await run("erl", [...common, ...near], { timeout: RUN_MS });
      return Number(stdout);
    },
    async stop() {
      const exited = once(far, "exit");
      far.kill("SIGKILL");
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
