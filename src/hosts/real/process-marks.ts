/**
 * How a home recognises the processes it has forked: marks in their environment, and one record each in its run folder.
 *
 * Owns: the marks, the records, and killing by them. Does not own: when that is done (processes.ts, sweep.ts).
 *
 *  M1 A process is signalled only if its start time and its token are those expected, looked up just before. What was
 *     only recorded may be somebody else's by now, because pids are used again.
 *  M2 The environment is there from the moment the process runs its own program, so one that was forked but not yet
 *     recorded is found too, and so are its helpers, which inherit it.
 *  M3 A disk without room takes no record, and that is no reason to run nothing: its mark finds it (M2).
 *
 * @module
 */
import { isFullDisk } from "./full-disk.ts";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { allPids, bootId, processFacts, startEnvironment } from "./kernel.ts";

const TOKEN_VARIABLE = "RBEE_PROCESS_TOKEN";
const HOME_VARIABLE = "RBEE_PROCESS_HOME";

export interface MarkedProcess {
  readonly token: string;
  readonly pid: number;
  readonly startTicks: string;
}

const recordSchema = z.object({
  token: z.string(),
  pid: z.int().positive(),
  startTicks: z.string(),
  bootId: z.string(),
  /** For people who look into the folder. */
  startedAt: z.string(),
});
export type ProcessRecord = z.infer<typeof recordSchema>;

/** The same for every path that leads to the home, and of no use to who reads it in a list of processes. */
export const homeMark = (home: string): string => markOfPath(realpathSync(home));

/** @param path of a home, without links: it may be on another machine */
export const markOfPath = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 16);

/** The environment that marks a process as one of the home with this mark, known by this token. */
export const markEnvironment = (mark: string, token: string): Readonly<Record<string, string>> => ({
  [TOKEN_VARIABLE]: token,
  [HOME_VARIABLE]: mark,
});

/** Written whole or not at all, so that a reader after a crash finds no half of it. M3 */
export function writeRecord(runDir: string, forked: MarkedProcess): void {
  const folder = recordFolder(runDir);
  const record: ProcessRecord = { ...forked, bootId: bootId(), startedAt: new Date().toISOString() };
  const path = join(folder, `${forked.token}.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    if (!isFullDisk(error)) throw error;
  }
}

/** A disk that refuses leaves a record too many, which the next sweep clears. */
export function removeRecord(runDir: string, token: string): void {
  try {
    rmSync(join(recordFolder(runDir), `${token}.json`), { force: true });
  } catch {
    return;
  }
}

/** Every file of the folder, with the record in it, or undefined where it holds none. */
export function readRecords(runDir: string): readonly { path: string; record: ProcessRecord | undefined }[] {
  const folder = recordFolder(runDir);
  return namesIn(folder).map((name) => {
    const path = join(folder, name);
    return { path, record: parseRecord(path) };
  });
}

/** Every living process that carries the mark of a home, other than this one. */
export function markedProcesses(mark: string): readonly MarkedProcess[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const environment = startEnvironment(pid);
    if (environment?.get(HOME_VARIABLE) !== mark) return [];
    const token = environment.get(TOKEN_VARIABLE);
    const facts = processFacts(pid);
    return token === undefined || facts === undefined ? [] : [{ token, pid, startTicks: facts.startTicks }];
  });
}

/** M1: alive, and the very process that was meant. */
export function isStill({ token, pid, startTicks }: MarkedProcess): boolean {
  return !isGone(pid, startTicks) && startEnvironment(pid)?.get(TOKEN_VARIABLE) === token;
}

/** A zombie counts as gone. So does a pid that names another process by now. */
export function isGone(pid: number, startTicks: string): boolean {
  const facts = processFacts(pid);
  return facts === undefined || facts.state === "Z" || facts.startTicks !== startTicks;
}

export interface Ended {
  readonly found: readonly MarkedProcess[];
  /** Of those found, the ones that are gone. */
  readonly gone: readonly MarkedProcess[];
}

/**
 * SIGKILLs all that `find` finds, again and again until it finds nothing twice: a process may have forked another just
 * before it was hit, and one that is just changing its program has no environment for an instant.
 */
export async function killUntilGone(find: () => readonly MarkedProcess[], deadlineMs: number): Promise<Ended> {
  const seen = new Map<string, MarkedProcess>();
  const giveUpAt = performance.now() + deadlineMs;
  for (let emptyLooks = 0; emptyLooks < 2 && performance.now() < giveUpAt; await pause(5)) {
    const found = find();
    emptyLooks = found.length === 0 ? emptyLooks + 1 : 0;
    for (const marked of found) {
      seen.set(`${marked.pid} ${marked.startTicks}`, marked);
      killMarked(marked);
    }
  }
  const found = [...seen.values()];
  return { found, gone: found.filter(({ pid, startTicks }) => isGone(pid, startTicks)) };
}

/** The process, and its group where it leads one. */
function killMarked(marked: MarkedProcess): void {
  if (!isStill(marked)) return;
  try {
    process.kill(processFacts(marked.pid)?.group === marked.pid ? -marked.pid : marked.pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile. If it is there and may not be signalled, the next look finds it again.
  }
}

const recordFolder = (runDir: string): string => join(runDir, "processes");

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseRecord(path: string): ProcessRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
}
