/**
 * `rbee hive ...`: the machines of the cluster, and those that were set up from here.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { errorData, ERRORS, RbeeError } from "../../protocol/errors.ts";
import type { MachineView } from "../../protocol/machine-api.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import { durationText } from "../../runtime/config/units.ts";
import { queenOf } from "../session/attach.ts";
import type { HiveStanding } from "../../protocol/api.ts";
import type { Client } from "../client/client.ts";
import { detectedText, hiveText, standingText } from "../terminal/hive-text.ts";
import { tellFacts } from "../facts.ts";
import type { Run, RunCommand } from "../run.ts";
import { hiveDaemon, startHive, stopHive } from "../setup/far-hive.ts";
import { type Installation, nodeCalled, registeredNodes, type RegisteredNode } from "../setup/node-registry.ts";
import { over } from "../setup/reach.ts";

const SEEN_WITHIN_MS = 20_000;
const POLL_MS = 100;
import { table } from "../terminal/table.ts";

export const list: RunCommand = async (run) => {
  const machines = await (await queenOf(run)).machines();
  return tellFacts(run, { machines }, machinesText(machines));
};

export const remove: RunCommand = async (run) => {
  const [name = ""] = run.args;
  await (await queenOf(run)).removeMachine(name);
  return tellFacts(run, { name, state: "removed" }, `${name} removed: it is let in no more\n`);
};

/** Of this machine it needs no node: it asks the drivers, not the books. */
export const detect: RunCommand = async (run) => {
  const node = run.options.text("--node");
  if (node !== undefined) {
    const { machine, backends } = await (await queenOf(run)).detect(node);
    return tellFacts(run, { node, machine, backends }, detectedText(machine, backends));
  }
  const devices = await import("../../hosts/machine/devices.ts");
  const { machineFacts } = await import("../../hosts/machine/machine-facts.ts");
  const { childEnvironment } = await import("../../hosts/real/child-environment.ts");
  const backends = await devices.detect(childEnvironment());
  const machine = machineFacts();
  return tellFacts(run, { machine, backends }, detectedText(machine, backends));
};

/** The machine that is named, wherever in the cluster it is. */
export const drain: RunCommand = async (run) => tellStanding(run, (client, name) => client.drainHive(name));
export const resume: RunCommand = async (run) => tellStanding(run, (client, name) => client.resumeHive(name));

async function tellStanding(
  run: Run,
  change: (client: Client, name: string) => Promise<HiveStanding>,
): Promise<number> {
  const [asked = ""] = run.args;
  const standing = await change(await queenOf(run), asked);
  const { name, state, jobs } = standing;
  return tellFacts(run, { name, state, jobs }, standingText(standing));
}

export const status: RunCommand = async (run) => {
  const { options, output, interruption, env, cwd } = run;
  const node = options.text("--node");
  const setUp = registeredNodes(findPaths(env, cwd).home).some(({ name }) => name === node);
  if (setUp) return farStatus(run);
  const view = await (await queenOf(run)).hiveStatus(node, interruption.signal);
  await output.data(options.on("--json") ? `${JSON.stringify(view)}\n` : hiveText(view));
  return 0;
};

export const start: RunCommand = async (run) => {
  const { name, ssh, installed } = installedNode(run);
  const { signal } = run.interruption;
  const client = await queenOf(run);
  const pid = await over(run, ssh, (far) => startHive(far, installed.root, name));
  await untilSeen(client, name, signal);
  const text = `the hive of ${name} works for the queen here (pid ${pid} there). \`rbee hive stop\` stops it.\n`;
  return tellFacts(run, { node: name, pid, linked: true }, text);
};

/** A machine that has a link tells of itself a moment later. */
async function untilSeen(client: Client, name: string, signal: AbortSignal): Promise<void> {
  for (const giveUpAt = performance.now() + SEEN_WITHIN_MS; !(await isSeen(client, name, signal));) {
    if (performance.now() > giveUpAt)
      throw new RbeeError("hive.lost", `the hive of ${name} runs, and no queen here sees it`);
    await pause(POLL_MS, undefined, { signal });
  }
}

const isSeen = async (client: Client, name: string, signal: AbortSignal): Promise<boolean> =>
  (await client.status(signal)).hives.some((hive) => hive.name === name && hive.state === "serving");

export const stop: RunCommand = async (run) => {
  const { name, ssh, installed } = installedNode(run);
  run.output.say("Stopping: what runs there goes on elsewhere.");
  const how = await over(run, ssh, (far) => stopHive(far, installed.root));
  const text = how === "not running" ? `the hive of ${name} does not run` : `the hive of ${name} is stopped (${how})`;
  return tellFacts(run, { node: name, how, left: [] }, `${text}; no process of it was found any more\n`);
};

async function farStatus(run: Run): Promise<number> {
  const { name, ssh, installed } = installedNode(run);
  const daemon = await over(run, ssh, (far) => hiveDaemon(far, installed.root));
  const isLinked = await linkedHere(run, name);
  const { running, state, pid, uptimeMs = 0, restarts, log } = daemon;
  const { version, backends } = installed;
  const linkText = isLinked === null ? "no queen answers here" : isLinked ? "linked" : "not linked";
  const place = `  pid ${pid} there, up ${durationText(uptimeMs)}, version ${version}\n  log ${log}\n`;
  const text = running
    ? `hive of ${name} ${state}, ${linkText}\n${place}`
    : `hive of ${name} does not run; ${linkText}, version ${version}\n`;
  await tellFacts(
    run,
    { node: name, running, linked: isLinked, state, pid, uptimeMs, restarts, log, version, backends },
    text,
  );
  return running ? 0 : ERRORS["queen.unreachable"].exitCode;
}

/** Whether the queen here has it; null where none answers. */
async function linkedHere(run: Run, name: string): Promise<boolean | null> {
  const { signal } = run.interruption;
  try {
    return await isSeen(await queenOf(run), name, signal);
  } catch (error) {
    signal.throwIfAborted();
    run.output.say(errorData(error).message);
    return null;
  }
}

/** @throws RbeeError setup.node.unknown, setup.not.installed */
function installedNode({ options, env, cwd }: Run): RegisteredNode & { readonly installed: Installation } {
  const node = nodeCalled(findPaths(env, cwd).home, options.required("--node"));
  const { installed, name } = node;
  if (installed !== null) return { ...node, installed };
  throw new RbeeError("setup.not.installed", `nothing was installed on ${name} from here`, { name });
}

const machinesText = (machines: readonly MachineView[]): string =>
  table([
    ["NAME", "STATE", "HOST", "WORKERS", "VERSION", "JOINED"],
    ...machines.map(({ name, state, isQueens, host, workers, version, joinedAt }) => [
      name,
      state,
      host || "-",
      String(workers),
      version || "-",
      isQueens ? "the queen's" : (joinedAt?.slice(0, 10) ?? "-"),
    ]),
  ]);
