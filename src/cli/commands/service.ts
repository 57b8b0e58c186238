/**
 * `rbee service install|status|remove`: this machine's node as a service of the user's systemd.
 *
 *  SV1 Repeated, each does nothing more: installed stays installed, removed stays removed.
 *  SV2 A file that rbee did not write is neither replaced nor removed, nor is a unit of another RBEE_HOME.
 *  SV3 Where no manager can be asked it says what it wrote, and what is left to run.
 *  SV4 `remove` leaves nothing: no unit, no link, no process.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readHolder } from "../../hosts/real/home-lock.ts";
import { ERRORS, RbeeError } from "../../protocol/errors.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import { writePrivately } from "../../runtime/config/private-file.ts";
import { stopWithinMs } from "../daemon/stop-within.ts";
import { tellFacts } from "../facts.ts";
import type { Run, RunCommand } from "../run.ts";
import {
  findManager,
  forgetUnit,
  isEnabled,
  readOwnUnit,
  readUnit,
  systemctl,
  unitPath,
  unitState,
  type UnitState,
} from "../service/systemd.ts";
import {
  canBeRun,
  homeIn,
  homeOf,
  isOurs,
  stopSecondsIn,
  UNIT_NAME,
  unitEnvironment,
  unitText,
} from "../service/unit.ts";

/** bin/ stands beside src/ in a checkout, and beside dist/src/ in a package. */
const ROOT = import.meta.filename.endsWith(".ts") ? "../../../" : "../../../../";
const LAUNCHER = fileURLToPath(new URL(`${ROOT}bin/rbee.mjs`, import.meta.url));
/** Longer than systemd itself waits. */
const START_WITHIN_MS = 120_000;
const STOP_LATE_MS = 30_000;

export const install: RunCommand = async (run) => {
  const manager = await findManager(run.env);
  if (manager === "none") throw unsupported(`there is no systemd for users here (${process.platform})`);
  if (!canBeRun(process.execPath)) throw unsupported(`systemd starts no program of this name: ${process.execPath}`);
  const file = unitPath(run.env);
  const text = wantedText(run);
  const changed = ownUnit(run) !== text;
  if (changed) writePrivately(file, text);
  if (manager === "here") return start(run, { path: file, changed, linger: lingers() });
  const left = ["daemon-reload", `enable --now ${UNIT_NAME}`];
  const said = `wrote ${file}\nThe user's systemd cannot be asked from here. Where it can, run:\n${commandLines(left)}`;
  return told(run, { path: file, changed, linger: lingers(), enabled: isEnabled(run.env) }, said, left);
};

interface Installed extends Partial<UnitState> {
  readonly path: string;
  readonly changed: boolean;
  readonly linger: boolean;
  readonly enabled?: boolean;
}

async function start(run: Run, facts: Installed): Promise<number> {
  await ask(run, ["daemon-reload"]);
  await ask(run, ["enable", UNIT_NAME]);
  const before = (await unitState(run.env))?.active;
  const holder = before === "active" ? undefined : readHolder(findPaths(run.env, run.cwd).home);
  if (holder !== undefined) {
    const left = [`start ${UNIT_NAME}`];
    const why = `Process ${holder.pid} holds the home now. When you have stopped it, run:\n${commandLines(left)}`;
    return told(run, { ...facts, enabled: true, active: before ?? "unknown" }, `wrote ${facts.path}\n${why}`, left);
  }
  await ask(run, ["start", UNIT_NAME], START_WITHIN_MS);
  const state = await unitState(run.env);
  const left = before === "active" && facts.changed ? [`restart ${UNIT_NAME}`] : [];
  const again = left.length === 0 ? "" : `It runs as it was before. To run it anew:\n${commandLines(left)}`;
  const said = `rbee runs as a service (pid ${state?.pid}), by ${facts.path}\n${again}`;
  return told(run, { ...facts, enabled: true, ...state }, said, left);
}

/** @param left what is still to be asked of systemctl */
function told(run: Run, facts: Installed, said: string, left: readonly string[]): Promise<number> {
  const commands = left.map((words) => `systemctl --user ${words}`);
  return tellFacts(run, { ...facts, run: commands }, said + hints(facts));
}

export const status: RunCommand = async (run) => {
  const file = unitPath(run.env);
  const text = readOwnUnit(run.env);
  const installed = text !== undefined;
  const state = await unitState(run.env);
  const enabled = isEnabled(run.env);
  const current = installed && text === wantedIfValid(run);
  const facts = { installed, path: file, enabled, current, linger: lingers(), active: null, pid: null, ...state };
  const runs = state === undefined ? "the user's systemd cannot be asked" : state.active;
  const words = [
    installed ? `installed (${file})` : "not installed",
    enabled ? "enabled" : "not enabled",
    state?.pid ? `${runs}, pid ${state.pid}` : runs,
  ];
  const stale = installed && !current ? "It differs from what would be written now: `rbee service install`\n" : "";
  await tellFacts(run, facts, `${words.join("; ")}\n${stale}${installed ? hints(facts) : ""}`);
  return state?.active === "active" ? 0 : ERRORS["queen.unreachable"].exitCode;
};

export const remove: RunCommand = async (run) => {
  const { env } = run;
  const file = unitPath(env);
  const text = ownUnit(run);
  if (text === undefined) return tellFacts(run, { removed: false, path: file }, "no service is installed\n");
  const manager = await findManager(env);
  if (manager === "here") {
    run.output.say("Stopping: running work may finish.");
    await ask(run, ["disable", "--now", UNIT_NAME], stopSecondsIn(text) * 1_000 + STOP_LATE_MS);
  }
  forgetUnit(env);
  if (manager === "here") {
    await ask(run, ["daemon-reload"]);
    // Nothing to reset is no failure.
    await systemctl(env, ["reset-failed", UNIT_NAME]);
  }
  return tellFacts(run, { removed: true, path: file }, `removed ${file}\n`);
};

function wantedText({ env, cwd }: Run): string {
  const { config } = loadConfig({ flags: {}, env, cwd });
  const environment = unitEnvironment(env, (place) => path.resolve(cwd, place));
  return unitText({ node: process.execPath, launcher: LAUNCHER, environment, stopWithinMs: stopWithinMs(config) });
}

function wantedIfValid(run: Run): string | undefined {
  try {
    return wantedText(run);
  } catch {
    // What is installed runs with what was valid then.
    return undefined;
  }
}

/** SV2: the text of the unit that may be written over or removed; undefined when there is none. */
function ownUnit({ env, cwd }: Run): string | undefined {
  const text = readUnit(env);
  if (text === undefined) return undefined;
  const theirs = homeIn(text);
  if (!isOurs(text)) throw foreign(unitPath(env), "rbee did not write it");
  if (theirs !== homeOf(env, cwd)) throw foreign(unitPath(env), `it runs the node of ${theirs ?? "the default home"}`);
  return text;
}

async function ask({ env, interruption }: Run, args: readonly string[], withinMs?: number): Promise<void> {
  const { code, text } = await systemctl(env, args, { withinMs, signal: interruption.signal });
  if (code === 0) return;
  interruption.signal.throwIfAborted();
  const how = code === undefined ? "did not answer in time" : `ended with ${code}`;
  throw new RbeeError("service.failed", `systemctl --user ${args.join(" ")} ${how}: ${text}`);
}

/** Without lingering systemd ends a user's services when he logs out, and starts them when he logs in. */
const lingers = (): boolean => existsSync(path.join("/var/lib/systemd/linger", userInfo().username));

const hints = ({ linger }: { readonly linger: boolean }): string =>
  linger ? "" : "It ends when you log out. To keep it, and start it with the machine: loginctl enable-linger\n";

const commandLines = (left: readonly string[]): string => left.map((words) => `  systemctl --user ${words}\n`).join("");

const foreign = (file: string, why: string): RbeeError =>
  new RbeeError("service.foreign", `${file} exists, and ${why}`, { path: file });

const unsupported = (why: string): RbeeError => new RbeeError("service.unsupported", why);
