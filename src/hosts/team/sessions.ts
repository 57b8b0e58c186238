/**
 * What was asked before, as it is told: read from the archive, whether a node runs or not.
 *
 *  SN1 An export has every byte of the log, and the hash of them as they are kept.
 *  SN2 What runs is among them, without an answer; what has just ended is there once.
 *  SN3 What the user said while they talked is told with what was asked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { ExportedSession, SessionView } from "../../protocol/session-api.ts";
import { type Runs, saidIn } from "../../actors/team/library.ts";
import type { Archive, KeptLog, Shelf } from "./archive.ts";

/** The newest first. */
export async function sessionsIn(archive: Archive): Promise<readonly SessionView[]> {
  const names = await archive.sessions();
  return Promise.all(names.map(async (session) => viewOf(session, await archive.shelf(session))));
}

/** SN2. @param running asked for before `kept` was read: what has ended meanwhile is there */
export function withRunning(kept: readonly SessionView[], running: readonly Runs[]): readonly SessionView[] {
  const views = new Map<string, SessionView>();
  for (const { session, ...its } of running.toSorted((a, b) => b.at - a.at)) {
    const none: SessionView = { session, at: its.at, asked: [] };
    const view = views.get(session) ?? kept.find((one) => one.session === session) ?? none;
    const isKept = view.asked.some(({ discussion }) => discussion === its.discussion);
    const asked = isKept ? view.asked : [...view.asked, asAsked(its)];
    views.set(session, { ...view, asked: asked.toSorted((a, b) => a.at - b.at) });
  }
  // Those in which somebody talks are the newest.
  return [...views.values(), ...kept.filter(({ session }) => !views.has(session))];
}

const asAsked = ({ said, ...its }: Omit<Runs, "session">): SessionView["asked"][number] => ({
  ...its,
  ...(said === undefined ? {} : { said: [...said] }),
});

/** @throws RbeeError request.not.found */
export async function exportedFrom(archive: Archive, session: string): Promise<ExportedSession> {
  const logs = await archive.ofSession(session);
  return exportedOf(session, logs.map(exportedLog));
}

export const answerOf = (log: readonly LogEvent[]): string | undefined =>
  log.find((one): one is Logged<"final"> => one.type === "final")?.text;

function viewOf(session: string, { kept, damaged }: Shelf): SessionView {
  const asked = kept.flatMap(({ discussion, log }) => {
    const [opened] = log;
    if (opened?.type !== "opened") return [];
    const { request, mode, at } = opened;
    const answer = answerOf(log);
    return [{ discussion, request, mode, at, ...saidIn(log), ...(answer === undefined ? {} : { answer }) }];
  });
  const told = damaged.map(({ message }) => message);
  return { session, at: asked[0]?.at ?? 0, asked, ...(told.length === 0 ? {} : { damaged: told }) };
}

type ExportedLog = ExportedSession["earlier"][number];

function exportedLog({ discussion, session, log }: KeptLog): ExportedLog {
  const [opened] = log;
  if (opened?.type !== "opened") throw new RbeeError("journal.corrupt", `${discussion} of ${session} has no beginning`);
  const { request, mode, config } = opened;
  return { discussion, request, mode, config: { ...config }, log: [...log], hash: hashOf(log) };
}

/** Of the log as it is kept, a line an event. */
export const hashOf = (log: readonly LogEvent[]): string =>
  createHash("sha256")
    .update(log.map((one) => `${JSON.stringify(one)}\n`).join(""))
    .digest("hex");

function exportedOf(session: string, logs: readonly ExportedLog[]): ExportedSession {
  const last = logs.at(-1);
  if (last === undefined) throw new RbeeError("request.not.found", `there is no session ${session.slice(0, 64)}`);
  return { schemaVersion: 1, session, ...last, earlier: logs.slice(0, -1) };
}
