/**
 * `rbee logs` and `rbee worker logs`: what this machine's node and its workers have written, from their files.
 *
 *  LC1 No node is needed: also what is gone is read.
 *  LC2 Ctrl-C ends a following with 130 and without a word; a reader that goes away ends it with 0.
 *  LC3 What a worker of another machine has printed last is asked of that machine, and followed by asking again.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ERRORS, errorData, RbeeError } from "../../protocol/errors.ts";
import { LOG_LINES_MAX, type WorkerLogs } from "../../protocol/machine-api.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import type { Client } from "../client/client.ts";
import { attach } from "../session/attach.ts";
import { hasLog, readLog, type LogName } from "../logs/log-file.ts";
import { harmless, lineAsJson, lineInWords } from "../logs/log-line.ts";
import { refuse, type Options } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { readOwnUnit } from "../service/systemd.ts";
import { homeIn, homeOf } from "../service/unit.ts";

const LINES_DEFAULT = 50;
const LINES_MAX = 100_000;
/** Another machine is asked again so often. */
const AGAIN_MS = 500;
/** The node's own log, and where a daemon's guardian notes what the node said before it had one. */
const NODE_LOGS = ["node.log", "daemon.log"] as const;
const WORKER_ID = /^[A-Za-z0-9-]{1,64}$/;

export const nodeLogs: RunCommand = async (run) => {
  const lines = linesWanted(run.options);
  const folder = findPaths(run.env, run.cwd).logs;
  if (isServiceOf(run)) run.output.say("As a service its log is the journal's: journalctl --user -u rbee");
  const found = await firstOf(NODE_LOGS.map((name) => ({ folder, name })));
  if (found !== undefined) return show(run, found, lines);
  const missing = path.join(folder, NODE_LOGS[0]);
  if (!run.options.on("--follow")) throw new RbeeError("request.not.found", `there is no log yet: ${missing}`);
  run.output.say(`There is no log yet; waiting for ${missing}`);
  return show(run, { folder, name: NODE_LOGS[0] }, lines);
};

export const workerLogs: RunCommand = async (run) => {
  const [id = ""] = run.args;
  if (!WORKER_ID.test(id)) refuse(`the id of a worker has letters, digits and dashes, unlike ${JSON.stringify(id)}`);
  const lines = linesWanted(run.options);
  const folder = findPaths(run.env, run.cwd).logs;
  const log = { folder, name: path.join("workers", `${id}.log`) };
  const node = run.options.text("--node");
  if (node === undefined && (await hasLog(log))) return show(run, log, lines);
  const elsewhere = await fromElsewhere(run, id, lines, node);
  if (elsewhere !== undefined) return elsewhere;
  const known = workersIn(path.join(folder, "workers"));
  const kept = known.length === 0 ? "none is kept here" : `the nearest that is kept is ${nearest(id, known)}`;
  throw new RbeeError("request.not.found", `there is no log of a worker ${id}; ${kept}`);
};

/** LC3. Nothing where it is nowhere, or nobody can be asked. */
async function fromElsewhere(run: Run, id: string, lines: number, node: string | undefined) {
  const { options, output, env, cwd, interruption } = run;
  const loaded = loadConfig({ flags: {}, env, cwd });
  try {
    const { client } = await attach({ loaded, env, interruption, say: output.say });
    const told = await client.workerLogs({ worker: id, lines: Math.min(lines, LOG_LINES_MAX), node });
    const shown = options.on("--json") ? lineAsJson : (line: string) => harmless(lineInWords(line));
    const print = ({ lines: all }: WorkerLogs) => output.data(all.map((line) => `${shown(line)}\n`).join(""));
    await print(told);
    if (!options.on("--follow")) return 0;
    for await (const more of followed(client, told, AbortSignal.any([interruption.signal, output.readerGone]))) {
      await print(more);
    }
    return endOf(run);
  } catch (thrown) {
    const isNowhere = ["queen.unreachable", "request.not.found"].includes(errorData(thrown).code);
    if (node !== undefined || !isNowhere) throw thrown;
    return undefined;
  }
}

/** LC3. Each line once, until somebody ends it or the machine is away. */
async function* followed(client: Client, { worker, node, next }: WorkerLogs, until: AbortSignal) {
  for (let from = next; !until.aborted;) {
    if (from === undefined) return void refuse(`${node} is of an earlier version, and its logs cannot be followed`);
    const more = await client.workerLogs({ worker, node, from, lines: LOG_LINES_MAX }, until).catch(unless(until));
    if (more === undefined) return;
    yield more;
    from = more.next;
    await pause(AGAIN_MS, undefined, { signal: until }).catch(unless(until));
  }
}

/** What is broken off because nobody wants it is no failure. */
const unless =
  (until: AbortSignal) =>
  (thrown: unknown): undefined => {
    if (!until.aborted) throw thrown;
  };

/** LC2. */
const endOf = ({ interruption: { signal } }: Run): number =>
  signal.aborted ? ERRORS[errorData(signal.reason).code].exitCode : 0;

async function show(run: Run, log: LogName, lines: number): Promise<number> {
  const { options, output, interruption } = run;
  const until = options.on("--follow") ? AbortSignal.any([interruption.signal, output.readerGone]) : undefined;
  const inWords = process.stdout.isTTY ? (line: string) => harmless(lineInWords(line)) : lineInWords;
  const shown = options.on("--json") ? lineAsJson : inWords;
  for await (const line of readLog({ ...log, lines, until })) {
    await output.data(`${shown(line)}\n`);
    if (output.readerGone.aborted) return 0;
  }
  return endOf(run);
}

function linesWanted(options: Options): number {
  const lines = options.number("--lines") ?? LINES_DEFAULT;
  const fits = Number.isSafeInteger(lines) && lines >= 0 && lines <= LINES_MAX;
  return fits ? lines : refuse(`--lines takes a whole number from 0 to ${LINES_MAX}, not ${lines}`);
}

/** Under systemd's journal a node writes there, and what stands in the folder is of before. */
function isServiceOf({ env, cwd }: Run): boolean {
  const unit = readOwnUnit(env);
  return unit !== undefined && homeIn(unit) === homeOf(env, cwd);
}

async function firstOf(logs: readonly LogName[]): Promise<LogName | undefined> {
  for (const log of logs) if (await hasLog(log)) return log;
  return undefined;
}

function workersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith(".log") ? [name.slice(0, -".log".length)] : []));
  } catch {
    return [];
  }
}
