/**
 * One child as the kernel has it: on its lifeline, in a process group of its own, with its pipes.
 *
 * Owns: which descriptor is what: 0 is the lifeline, 1 and 2 are output, 3 carries frames both ways. Node opens every
 * pipe close-on-exec, so none of them leaks to a sibling. Does not own: what becomes of the child.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Duplex, Readable } from "node:stream";
import { CHANNEL_FD } from "../../net/channel.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { lifelineCommand } from "../../runtime/lifeline.ts";

const LIFELINE_FD = 0;

export interface SpawnedChild {
  readonly pid: number;
  readonly frames: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Code or signal, at the moment it is reaped. */
  readonly exit: Promise<[number | null, string | null]>;
  readonly pipesClosed: Promise<void>;
}

/** Rejects with `process.fork`. */
export async function spawnChild(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SpawnedChild> {
  const command = lifelineCommand(entry, args, LIFELINE_FD);
  const child = trySpawn(() =>
    spawn(command.file, command.args, {
      detached: true,
      env: { ...env, ...command.env },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    }),
  );
  if (child.pid === undefined) {
    const [error]: unknown[] = await once(child, "error");
    throw forkError(error);
  }
  // A pipe that breaks ends with its process, which is news enough.
  for (const pipe of child.stdio) pipe?.on("error", () => {});
  const { stdout, stderr } = child;
  const frames = child.stdio[CHANNEL_FD];
  if (!(stdout instanceof Readable && stderr instanceof Readable && frames instanceof Duplex)) {
    throw new RbeeError("defect", "a child was spawned without its pipes");
  }
  return {
    pid: child.pid,
    frames,
    stdout,
    stderr,
    exit: new Promise((resolve) => child.once("exit", (code, signal) => resolve([code, signal]))),
    pipesClosed: new Promise((resolve) => child.once("close", () => resolve())),
  };
}

/** Some refusals of the kernel are thrown, others come as an event. */
function trySpawn(start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (error) {
    throw forkError(error);
  }
}

export function forkError(cause: unknown): RbeeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RbeeError("process.fork", `no process could be started: ${why}`);
}
