/**
 * Ending a daemon: asked politely, watched, hurried by the person, and forced when its time is over.
 *
 * Owns: the order of these, and that nothing of it is left. Does not own: the node's own way down (N4 of
 * src/hosts/node.ts), or the guardian's deadline for it (G4 of bin/guardian.mjs).
 *
 *  DS1 It returns when guardian, node and workers are gone, within bounds; otherwise it throws.
 *  DS2 Nothing is signalled but a process whose start time is the noted one.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { isRunning, readHolder } from "../../hosts/real/home-lock.ts";
import { homeMark, markedProcesses } from "../../hosts/real/process-marks.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { durationText } from "../../runtime/config/units.ts";
import { openClient } from "../client/client.ts";
import type { Interruption } from "../interruption.ts";
import type { DaemonNote } from "./note.ts";

const POLL_MS = 50;
const LOOK_MS = 500;
/** Beyond its own deadline, after which the guardian has killed its node, unless it stands still itself. */
const FORCE_AFTER_MS = 5_000;
const FORCED_WITHIN_MS = 5_000;

export interface Stopping {
  readonly home: string;
  readonly interruption: Interruption;
  say(line: string): void;
}

export type How = "orderly" | "hurried" | "killed";

export async function stopDaemon(daemon: DaemonNote, { home, interruption, say }: Stopping): Promise<How> {
  const own = [daemon, ...(daemon.node === undefined ? [] : [daemon.node])];
  // Those of now: somebody who takes the home next may have workers before we look again.
  const all = [...own, ...markedProcesses(homeMark(home))];
  let how: How = "orderly";
  const force = (): void => {
    how = "killed";
    for (const each of own) signal(each, "SIGKILL");
  };
  const hurry = (): void => {
    how = "hurried";
    say("Hurried: what runs is cut short and kept for the next start. Once more kills it.");
    signal(daemon, "SIGTERM");
  };
  const startedAt = performance.now();
  signal(daemon, "SIGTERM");
  interruption.signal.addEventListener("abort", hurry, { once: true });
  interruption.onAgain(force);
  const watch = watchQueue(home, say);
  try {
    if (!(await within(() => !own.some(isRunning), daemon.stopWithinMs + FORCE_AFTER_MS))) force();
    // By then the guardian has killed its node, and goes without a word.
    if (performance.now() - startedAt > daemon.stopWithinMs) how = "killed";
    if (await within(() => !all.some(isRunning), FORCED_WITHIN_MS)) return how;
  } finally {
    clearInterval(watch);
    interruption.signal.removeEventListener("abort", hurry);
  }
  const { pid } = daemon;
  throw new RbeeError("ask.deadline", `process ${pid} or one of its children does not end, not even killed`, { pid });
}

async function within(holds: () => boolean, deadlineMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > giveUpAt) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** Says what it waits for, whenever that changes. */
function watchQueue(home: string, say: (line: string) => void): NodeJS.Timeout {
  let said = "";
  const startedAt = performance.now();
  const look = async (): Promise<void> => {
    const socketPath = readHolder(home)?.socketPath;
    if (socketPath === undefined) return;
    const { queen } = await openClient({ socketPath }).status(AbortSignal.timeout(LOOK_MS));
    const { running, length } = queen.queue;
    const text = `${running} running may finish, ${length} waiting are kept for the next start`;
    if (running === 0 || text === said) return;
    said = text;
    say(`${durationText(performance.now() - startedAt)}: ${text}. Ctrl-C hurries.`);
  };
  // One that ends answers no more: whether it is gone is seen elsewhere.
  return setInterval(() => void look().catch(() => {}), LOOK_MS);
}

function signal(to: { readonly pid: number; readonly startTicks: string }, name: NodeJS.Signals): void {
  if (!isRunning(to)) return;
  try {
    process.kill(to.pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
