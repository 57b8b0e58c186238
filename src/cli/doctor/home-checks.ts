/**
 * What the doctor examines of RBEE_HOME: the folder, the configuration, who holds it, what was left behind.
 *
 * @module
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { runDirOf } from "../../hosts/real/home-folder.ts";
import { processFacts } from "../../hosts/real/kernel.ts";
import { homeMark, isStill, markedProcesses, readRecords, type MarkedProcess } from "../../hosts/real/process-marks.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import { durationText } from "../../runtime/config/units.ts";
import { openClient } from "../client/client.ts";
import { livingDaemon, readDaemonNote } from "../daemon/note.ts";
import { type Check, fail, ok, warn, type Examined, type Finding } from "./check.ts";

const OTHERS = 0o077;
const ANSWER_WITHIN_MS = 5_000;

export const home: Check = {
  name: "home",
  examine({ paths }) {
    const stats = statSync(paths.home, { throwIfNoEntry: false });
    if (stats === undefined) return ok(`${paths.home} does not exist yet; the first node makes it`);
    const mine = stats.uid === (process.getuid?.() ?? stats.uid);
    if (!stats.isDirectory() || !mine)
      return fail(`${paths.home} is not a folder of this user`, "Give RBEE_HOME a folder that you own.");
    const mode = (stats.mode & 0o777).toString(8);
    if ((stats.mode & OTHERS) !== 0)
      return warn(`${paths.home} can be read by others (mode ${mode})`, `Run: chmod 700 ${paths.home}`);
    return ok(`${paths.home}, open to you alone`);
  },
};

export const configuration: Check = {
  name: "config",
  examine({ paths, configError }) {
    if (configError !== undefined)
      return fail(configError, "Correct the line that is named; `rbee config list` shows all.");
    const { configFile } = paths;
    const files = [configFile, path.join(path.dirname(configFile), ".env")].filter((file) => existsSync(file));
    const open = files.filter((file) => (statSync(file).mode & OTHERS) !== 0);
    if (open.length > 0) return warn(`${open.join(", ")} can be read by others`, `Run: chmod 600 ${open.join(" ")}`);
    return ok(
      files.length === 0
        ? `valid; ${configFile} does not exist, so defaults are in force`
        : `valid (${files.join(", ")})`,
    );
  },
};

export const bounds: Check = {
  name: "shutdown",
  examine({ config }) {
    if (config === undefined) return undefined;
    const { finishMs, stopWorkersMs } = config.shutdown;
    return ok(
      `running jobs may take ${durationText(finishMs)} to finish, then workers ${durationText(stopWorkersMs)} to stop`,
    );
  },
};

export const holder: Check = {
  name: "node",
  async examine({ paths, holder: held }) {
    const daemon = livingDaemon(paths.home);
    const restarts = daemon !== undefined && daemon.restarts > 0 ? `; restarted ${daemon.restarts} times` : "";
    if (held === undefined) return daemon === undefined ? notRunning(paths.home) : comingBack(daemon.last?.reason);
    const who = `process ${held.pid} serves at ${held.url}${restarts}`;
    const version = await versionOf(held.socketPath).catch((error: unknown) => String(error));
    if (version === RBEE_VERSION)
      return restarts === "" ? ok(who) : warn(who, "Read why: `rbee daemon status`, `rbee logs`.");
    if (/^\d/.test(version)) return warn(`${who} with version ${version}, this is ${RBEE_VERSION}`, "Start it again.");
    return fail(`process ${held.pid} holds the home and does not answer: ${version}`, "Stop it, or end that process.");
  },
};

async function versionOf(socketPath: string): Promise<string> {
  const { hives } = await openClient({ socketPath }).status(AbortSignal.timeout(ANSWER_WITHIN_MS));
  return hives[0]?.version ?? RBEE_VERSION;
}

function notRunning(place: string): Finding {
  const gaveUp = readDaemonNote(place);
  if (gaveUp?.state !== "ended") return ok("no node runs here now");
  return warn(`the daemon gave up: ${gaveUp.last?.reason}`, "Read its log with `rbee logs`, then `rbee daemon start`.");
}

const comingBack = (reason: string | undefined): Finding =>
  warn(
    `a daemon runs, and its node is being started again (${reason ?? "it has not said why"})`,
    "See `rbee daemon status`.",
  );

/** Workers without the node that forked them. Where the kernel tells nothing there is nothing to say. */
export const orphans: Check = {
  name: "orphans",
  examine({ paths, holder: held }) {
    if (!existsSync("/proc/self/stat") || !existsSync(paths.home)) return undefined;
    const left = markedProcesses(homeMark(paths.home)).filter(
      (marked) => isStill(marked) && !descendsFrom(marked, held?.pid),
    );
    if (left.length === 0) return ok("no worker process is left without its node");
    const pids = left.map(({ pid }) => pid).join(", ");
    const end = held === undefined ? "The next node ends them: `rbee daemon start`." : `End them: kill -KILL ${pids}`;
    return warn(`processes ${pids} of this home have no node`, end);
  },
};

const GENERATIONS_MAX = 16;

function descendsFrom({ pid }: MarkedProcess, ancestor: number | undefined): boolean {
  let at = pid;
  for (let generation = 0; generation < GENERATIONS_MAX && at > 1; generation++) {
    if (at === ancestor) return true;
    at = processFacts(at)?.parentPid ?? 0;
  }
  return false;
}

/** What a node that ended in order takes away. */
export const leftovers: Check = {
  name: "leftovers",
  examine({ paths, holder: held }: Examined) {
    const runDir = runDirOf(paths.home);
    if (held !== undefined || !existsSync(runDir)) return undefined;
    const records = readRecords(runDir).filter(({ record }) => record === undefined || !isStill(record)).length;
    const names = readdirSync(runDir);
    const notes = names.filter((name) => name === "holder.json" || name.endsWith(".new"));
    if (livingDaemon(paths.home) === undefined && readDaemonNote(paths.home)?.state === "serving")
      notes.push("daemon.json");
    if (records === 0 && notes.length === 0) return ok("the last node ended in order");
    const what = [records > 0 ? `records of ${records} processes` : "", ...notes].filter(Boolean).join(", ");
    return warn(`the last node ended abruptly and left ${what}`, "Nothing is lost: the next node clears it away.");
  },
};
