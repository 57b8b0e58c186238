/**
 * The llama-server of this machine as a child of a worker: found, started, ended.
 *
 * Owns: its command line, its port and key, its last words. Does not own: when it starts or ends (the engine).
 *
 *  LP1 It dies with its worker, however that dies: the kernel ends it (lifeline.ts, L5); it is of the worker's process
 *      group, which the lifeline ends; and it carries the worker's marks, by which the node and the next start find it.
 *  LP2 It listens on loopback alone, and answers to a key that is made for this process and stands in no command line.
 *  LP3 What it keeps beside the model and its contexts is nothing that was not booked: no cache of prompts in memory.
 *  LP4 A program that has ended is forgotten with its last words; one that does not end in time is killed.
 *  LP5 It hears that nobody listens any more between two batches of a prompt: on a processor those are small, where its
 *      own choice takes a large model many seconds.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import type { Program, ProgramStart, StartProgram } from "../../actors/engines/llama-server.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { mortalCommand } from "../../runtime/lifeline.ts";
import { captureOutput } from "../real/process-output.ts";
import { forkError } from "../real/spawn-child.ts";
import { remoteServer } from "./remote-server.ts";

const END_MS = 3000;
/** LP5. Each slot has to have a place in it. */
const BATCH_TOKENS = 128;
const BATCH_TOKENS_GPU = 512;
/** All of the model, where it can be there. */
const ALL_LAYERS = "999";

export const llamaServer =
  (path: string): StartProgram =>
  async (start) => {
    const file = findProgram(path);
    const [alias, key] = [`model-${randomBytes(8).toString("hex")}`, randomBytes(32).toString("hex")];
    const port = await freePort();
    const child = await begin(file, argumentsOf(start, alias, port), key);
    return programOf(child, alias, port, key);
  };

function argumentsOf({ spec, embeddings }: ProgramStart, alias: string, port: number): readonly string[] {
  const { modelPath, contextTokens, slots, threads, gpu } = spec;
  const values: Record<string, string | number> = {
    "--model": modelPath,
    "--alias": alias,
    "--host": "127.0.0.1",
    "--port": port,
    // The slots share it.
    "--ctx-size": contextTokens * slots,
    "--parallel": slots,
    "--threads": threads,
    "--n-gpu-layers": gpu === "none" ? "0" : ALL_LAYERS,
  };
  // A text whose vector is wanted has to lie in one batch, as it is.
  if (!embeddings) values["--batch-size"] = Math.max(slots, gpu === "none" ? BATCH_TOKENS : BATCH_TOKENS_GPU);
  const given = Object.entries(values).flatMap(([flag, value]) => [flag, String(value)]);
  return [...given, "--no-context-shift", ...(embeddings ? ["--embedding"] : [])];
}

async function begin(
  path: string,
  args: readonly string[],
  key: string,
): Promise<ChildProcessByStdio<null, Readable, Readable>> {
  const command = mortalCommand(path, args);
  // What an older program does not know it passes over here, where it would refuse it as an argument.
  const ours = { LLAMA_ARG_CACHE_RAM: "0", LLAMA_ARG_JINJA: "1", LLAMA_ARG_UI: "0" };
  const env = { ...process.env, LLAMA_API_KEY: key, ...ours };
  const child = spawn(command.file, command.args, { env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) {
    const [error]: unknown[] = await once(child, "error");
    throw forkError(error);
  }
  return child;
}

function programOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
  alias: string,
  port: number,
  key: string,
): Program {
  const { stdout, stderr } = child;
  const lastLines = captureOutput(stdout, stderr, undefined);
  // Also where people look for what a worker says.
  for (const pipe of [stdout, stderr]) pipe.pipe(process.stderr, { end: false });
  // LP1, where the kernel does not help and this process ends by itself.
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "close").then(([code, signal]: (string | number | null)[]) => {
    process.off("exit", kill);
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    return { how, lastLines: lastLines() };
  });
  return {
    alias,
    server: remoteServer({ name: "llama-server", url: `http://127.0.0.1:${port}/v1/`, key, upTo: "secret" }),
    ended,
    async end() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** @throws RbeeError engine.server.missing */
export function findProgram(path: string): string {
  const folders = path.includes("/")
    ? [""]
    : (process.env["PATH"] ?? "").split(delimiter).filter((each) => each !== "");
  const found = folders.map((folder) => join(folder, path)).find(isProgram);
  if (found !== undefined) return found;
  const where = path.includes("/") ? "is no program" : "is not in PATH";
  throw new RbeeError("engine.server.missing", `${path} ${where}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new RbeeError("defect", "a port has no number");
  return address.port;
}
