/**
 * This user's systemd: is it there, what does it know of our unit, and what it is asked to do.
 *
 * Owns: calling systemctl, and where the unit lies. Does not own: the unit's text (unit.ts), the order of things
 * (src/cli/commands/service.ts).
 *
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { Environment } from "../../runtime/config/paths.ts";
import { isOurs, UNIT_NAME } from "./unit.ts";

const ANSWER_WITHIN_MS = 10_000;

export interface Answer {
  /** Undefined: systemctl is not there, or did not answer in time. */
  readonly code: number | undefined;
  readonly text: string;
}

export interface Asking {
  readonly withinMs?: number | undefined;
  readonly signal?: AbortSignal;
}

/** What systemctl prints on both streams, and its exit code. */
export function systemctl(
  env: Environment,
  args: readonly string[],
  { withinMs = ANSWER_WITHIN_MS, ...asking }: Asking = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { ...asking, timeout: withinMs, env: { ...env, SYSTEMD_COLORS: "0", LC_ALL: "C" } };
    execFile("systemctl", ["--user", "--no-pager", ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ code, text: `${stdout}${stderr}`.trim() });
    });
  });
}

/** `unreachable`: systemd is there, and no manager of this user's runs or can be asked. */
export type Manager = "here" | "unreachable" | "none";

export async function findManager(env: Environment): Promise<Manager> {
  if (process.platform !== "linux") return "none";
  const { code } = await systemctl(env, ["show", "--property=Version"]);
  if (code === undefined) return "none";
  return code === 0 ? "here" : "unreachable";
}

const userFolder = (env: Environment): string =>
  path.join(env["XDG_CONFIG_HOME"] || path.join(env["HOME"] || homedir(), ".config"), "systemd", "user");

export const unitPath = (env: Environment): string => path.join(userFolder(env), UNIT_NAME);

/** Undefined: there is none. */
export function readUnit(env: Environment): string | undefined {
  const file = unitPath(env);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

export function readOwnUnit(env: Environment): string | undefined {
  const text = readUnit(env);
  return text !== undefined && isOurs(text) ? text : undefined;
}

/** How systemd remembers that a unit is enabled, also while it does not run. */
const enabledLink = (env: Environment): string => path.join(userFolder(env), "default.target.wants", UNIT_NAME);

export function isEnabled(env: Environment): boolean {
  try {
    return path.resolve(path.dirname(enabledLink(env)), readlinkSync(enabledLink(env))) === unitPath(env);
  } catch {
    return false;
  }
}

export function forgetUnit(env: Environment): void {
  if (isEnabled(env)) rmSync(enabledLink(env), { force: true });
  rmSync(unitPath(env), { force: true });
}

export interface UnitState {
  /** As systemd says it: `active`, `activating`, `inactive`, `failed`. */
  readonly active: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly result: string;
}

/** Undefined: the manager cannot be asked. */
export async function unitState(env: Environment): Promise<UnitState | undefined> {
  const properties = ["ActiveState", "MainPID", "NRestarts", "Result"];
  const { code, text } = await systemctl(env, ["show", UNIT_NAME, `--property=${properties.join(",")}`]);
  if (code !== 0) return undefined;
  const facts = new Map(
    text.split("\n").map((line): [string, string] => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
  return {
    active: facts.get("ActiveState") ?? "unknown",
    pid: Number(facts.get("MainPID")) || null,
    restarts: Number(facts.get("NRestarts")) || 0,
    result: facts.get("Result") ?? "unknown",
  };
}
