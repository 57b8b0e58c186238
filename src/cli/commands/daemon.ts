/**
 * `rbee daemon start|stop|status`: this machine's node in the background, under a guardian.
 *
 *  DM1 `start` ends with 0 when the node serves; otherwise with its failure, and leaves nothing running.
 *  DM2 `stop` and `status` are about the daemon alone: a node that somebody runs in a terminal is named, not touched.
 *  DM3 Neither needs a configuration that is right.
 *
 * @module
 */
import { join } from "node:path";
import { prepareHome } from "../../hosts/real/home-folder.ts";
import { readHolder } from "../../hosts/real/home-lock.ts";
import type { ReadyLine } from "../../hosts/node-contract.ts";
import { ERRORS, RbeeError } from "../../protocol/errors.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { findPaths, makeFolders } from "../../runtime/config/paths.ts";
import { durationText } from "../../runtime/config/units.ts";
import { findCommand } from "../commands.mjs";
import { launch } from "../daemon/launch.ts";
import { livingDaemon, livingNode, notePathOf, readDaemonNote, type DaemonNote } from "../daemon/note.ts";
import { stopWithinMs } from "../daemon/stop-within.ts";
import { stopDaemon } from "../daemon/stop.ts";
import { tellFacts } from "../facts.ts";
import type { Options } from "../options.ts";
import type { RunCommand } from "../run.ts";

export const start: RunCommand = async ({ options, output, interruption, env, cwd }) => {
  const { paths, config } = loadConfig({ flags: {}, env, cwd });
  const daemon = livingDaemon(paths.home);
  if (daemon !== undefined) throw heldBy(daemon, paths.home);
  const notice = prepareHome(paths.home);
  if (notice !== undefined) output.say(notice);
  makeFolders(paths);
  const logPath = join(paths.logs, "daemon.log");
  const ready = await launch({
    task: { notePath: notePathOf(paths.home), logPath, stopWithinMs: stopWithinMs(config) },
    flags: nodeFlags(options),
    env,
    cwd,
    interruption,
    say: output.say,
  });
  await output.data(options.on("--json") ? `${JSON.stringify(ready)}\n` : readyText(ready, logPath));
  return 0;
};

export const stop: RunCommand = async (run) => {
  const { home } = findPaths(run.env, run.cwd);
  const daemon = livingDaemon(home);
  if (daemon === undefined) {
    const holder = readHolder(home);
    if (holder === undefined) return tellFacts(run, { stopped: false }, "no daemon runs\n");
    const who = `process ${holder.pid} holds ${home}, and ends where it was started`;
    throw new RbeeError("home.held", `no daemon runs: ${who}`, { pid: holder.pid });
  }
  run.output.say("Stopping: running work may finish. Ctrl-C hurries.");
  const startedAt = performance.now();
  const how = await stopDaemon(daemon, { home, interruption: run.interruption, say: run.output.say });
  const ms = Math.round(performance.now() - startedAt);
  return tellFacts(run, { stopped: true, how, pid: daemon.pid, ms }, `stopped (${how}, ${durationText(ms)})\n`);
};

export const status: RunCommand = async (run) => {
  const { home } = findPaths(run.env, run.cwd);
  const holder = readHolder(home);
  const daemon = livingDaemon(home);
  if (daemon === undefined) {
    const note = readDaemonNote(home);
    const last = note === undefined ? null : (note.last ?? null);
    const text = [notRunningText(note), holder && `process ${holder.pid} holds ${home} and serves at ${holder.url}`];
    await tellFacts(run, { running: false, last, holder: holder ?? null }, `${text.filter(Boolean).join("\n")}\n`);
    return ERRORS["queen.unreachable"].exitCode;
  }
  const node = livingNode(daemon);
  const facts = {
    running: true,
    state: node === undefined && daemon.state === "serving" ? "restarting" : daemon.state,
    pid: node?.pid ?? null,
    guardianPid: daemon.pid,
    url: holder !== undefined && holder.pid === node?.pid ? holder.url : null,
    uptimeMs: Date.now() - daemon.startedAtMs,
    nodeUptimeMs: node === undefined ? null : Date.now() - node.sinceMs,
    restarts: daemon.restarts,
    last: daemon.last ?? null,
    log: daemon.logPath,
  };
  return tellFacts(run, facts, runningText(facts));
};

/** The flags of `daemon start` are those of `node`, and passed on as they were given. */
const nodeFlags = (options: Options): readonly string[] =>
  (findCommand(["node"])?.options ?? []).flatMap(({ flag }) => {
    const text = options.text(flag);
    return text === undefined ? [] : [flag, text];
  });

function heldBy(daemon: DaemonNote, home: string): RbeeError {
  const pid = daemon.node?.pid ?? daemon.pid;
  return new RbeeError("home.held", `${home} is held by the daemon that runs already, process ${pid}`, { pid });
}

const readyText = ({ name, url, pid }: ReadyLine, logPath: string): string =>
  `rbee daemon ${name} serves at ${url} (pid ${pid}, log ${logPath}). \`rbee daemon stop\` stops it.\n`;

function notRunningText(note: DaemonNote | undefined): string {
  if (note === undefined) return "no daemon runs";
  if (note.state !== "ended") return `no daemon runs; its guardian (pid ${note.pid}) was killed`;
  return `no daemon runs; it gave up ${ago(note.last)}: ${note.last?.reason}`;
}

interface Facts {
  readonly state: string;
  readonly pid: number | null;
  readonly guardianPid: number;
  readonly url: string | null;
  readonly uptimeMs: number;
  readonly nodeUptimeMs: number | null;
  readonly restarts: number;
  readonly last: DaemonNote["last"] | null;
  readonly log: string;
}

function runningText({ state, pid, guardianPid, url, uptimeMs, nodeUptimeMs, restarts, last, log }: Facts): string {
  const node = pid === null ? "no node at this moment" : `node pid ${pid}, up ${durationText(nodeUptimeMs ?? 0)}`;
  return [
    `daemon ${state}${url === null ? "" : ` at ${url}`}`,
    `  ${node}; guardian pid ${guardianPid}, up ${durationText(uptimeMs)}`,
    `  restarts ${restarts}${last ? `; last without a node ${ago(last)}: ${last.reason}` : ""}`,
    `  log ${log}\n`,
  ].join("\n");
}

const ago = (last: DaemonNote["last"]): string =>
  last === undefined ? "" : `${durationText(Math.max(0, Date.now() - last.atMs))} ago`;
