/**
 * Starting a guardian with its node, and waiting until the node serves or cannot.
 *
 * Owns: the guardian until its node serves; after that nobody's child. Does not own: what it does then
 * (bin/guardian.mjs).
 *
 *  DL1 It returns once requests are answered. Otherwise it throws why, and neither guardian nor node is left.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { ReadyLine } from "../../hosts/node-contract.ts";
import { readyLine } from "../../protocol/api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import type { Environment } from "../../runtime/config/paths.ts";
import type { Interruption } from "../interruption.ts";

const START_WITHIN_MS = 60_000;

/** bin/ stands beside src/ in a checkout, and beside dist/src/ in a package. */
const ROOT = import.meta.filename.endsWith(".ts") ? "../../../" : "../../../../";
const GUARDIAN = fileURLToPath(new URL(`${ROOT}bin/guardian.mjs`, import.meta.url));

/** What the guardian is told to do, as its first argument. */
interface Task {
  readonly notePath: string;
  readonly logPath: string;
  readonly stopWithinMs: number;
}

export interface Launch {
  readonly task: Task;
  /** Those of `rbee node`. */
  readonly flags: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly interruption: Interruption;
  say(line: string): void;
}

const guardianLine = z.union([
  readyLine,
  z.object({ error: z.object({ code: z.string(), message: z.string() }), lines: z.array(z.string()) }),
]);
type GuardianLine = z.infer<typeof guardianLine>;

export async function launch({ task, flags, env, cwd, interruption, say }: Launch): Promise<ReadyLine> {
  const guardian = spawn(process.execPath, [GUARDIAN, JSON.stringify(task), ...flags], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = new Promise<number | string | null>((resolve) => {
    guardian.once("exit", (code, signal) => resolve(code ?? signal));
  });
  const late = AbortSignal.timeout(START_WITHIN_MS);
  const enough = AbortSignal.any([interruption.signal, late]);
  const end = (): void => void guardian.kill("SIGTERM");
  enough.addEventListener("abort", end, { once: true });
  interruption.onAgain(() => guardian.kill("SIGKILL"));

  const [line] = await Promise.all([readLine(guardian.stdout), once(guardian, "spawn")]);
  enough.removeEventListener("abort", end);
  if (line !== undefined && "ready" in line && !enough.aborted) {
    guardian.stdout.destroy();
    guardian.unref();
    return line;
  }
  const how = await exited;
  interruption.signal.throwIfAborted();
  const { logPath } = task;
  if (late.aborted) {
    throw new RbeeError("ask.deadline", `the node did not serve within ${START_WITHIN_MS / 1000} s; see ${logPath}`);
  }
  if (line === undefined || "ready" in line) {
    throw new RbeeError("daemon.unstable", `its guardian ended (${how}) before it served; its log is ${logPath}`);
  }
  const { error, lines } = line;
  if (lines.length > 0) say(`The last lines of ${logPath}:\n${lines.map((each) => `  ${each}`).join("\n")}`);
  throw errorFrom(error.code, error.message);
}

async function readLine(stream: Readable): Promise<GuardianLine | undefined> {
  for await (const line of createInterface({ input: stream })) return guardianLine.parse(JSON.parse(line));
  return undefined;
}
