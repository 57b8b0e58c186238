/**
 * The program itself, as a person or a script runs it: a child process with a home and a folder of its own.
 *
 * @module
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary.ts";

export const LAUNCHER = fileURLToPath(new URL("../../bin/rbee.mjs", import.meta.url));

export interface Keeper {
  readonly process: ChildProcessWithoutNullStreams;
  stdout: string;
  stderr: string;
  readonly exitCode: Promise<number>;
  /** Resolves once stdout or stderr holds the text. */
  shows(text: string): Promise<void>;
}

export interface Surroundings {
  /** RBEE_HOME; without it one of its own. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What stdin holds; it is closed after it. */
  readonly input?: string;
}

/** No model is loaded before somebody asks: for a node whose test needs no worker, or another. */
export const COLD = { RBEE_MODEL_PRELOAD: "none" } as const;

const SHOWS_WITHIN_MS = 15_000;

/**
 * The variables of the tests' own environment that could change what the program does stay out. Who talks at a terminal
 * is no newcomer who is asked which model shall answer: a test of that takes RBEE_NO_WIZARD out again.
 */
export function homeEnvironment(home: string): Record<string, string> {
  const own = Object.entries(process.env).filter(([name, value]) => value !== undefined && !name.startsWith("RBEE_"));
  const here = { RBEE_HOME: home, RBEE_NO_WIZARD: "1", RBEE_HIVE_LISTEN: "127.0.0.1:0" };
  return { ...(Object.fromEntries(own) as Record<string, string>), ...here };
}

export function keeper(args: readonly string[], { env = {}, cwd, input = "", home }: Surroundings = {}): Keeper {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: cwd ?? folder,
    env: { ...homeEnvironment(home ?? join(folder, "home")), ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const keeping: Keeper = {
    process: child,
    stdout: "",
    stderr: "",
    exitCode: new Promise(
      (resolve) => void child.on("close", (code, signal) => resolve(code ?? (signal === null ? -1 : 128))),
    ),
    async shows(text) {
      const giveUpMs = performance.now() + SHOWS_WITHIN_MS;
      while (!keeping.stdout.includes(text) && !keeping.stderr.includes(text)) {
        if (performance.now() > giveUpMs)
          throw new Error(`never shown: ${text}\n--- stdout\n${keeping.stdout}\n--- stderr\n${keeping.stderr}`);
        await new Promise((resolve) => void setTimeout(resolve, 10));
      }
    },
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (keeping.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (keeping.stderr += text));
  // A program that does not read its input may be gone before it is written.
  child.stdin.on("error", () => {}).end(input);
  return keeping;
}
