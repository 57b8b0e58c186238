/**
 * `rbee sessions list|show|search|stats|export|replay|fork|remove`.
 *
 *  SS1 What was asked before is read from whoever holds the home; where nobody does, from the home itself, and nothing
 *      is started for it. To forget it a node is needed, since what was learnt in it goes too.
 *  SS2 A replay asks no model: it says whether each decision follows again from what was said, and is exit 1 when not.
 *  SS3 An export is the log as it is kept, with the hash of its lines.
 *
 * @module
 */
import { join } from "node:path";
import { replayed } from "../../../machines/rules/replay.ts";
import type { LogEvent } from "../../../machines/rules/log.ts";
import type { ExportedSession, SessionView } from "../../protocol/session-api.ts";
import type { TeamStats } from "../../protocol/team-api.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { attachIfServed } from "../session/attach.ts";
import { tellFacts } from "../facts.ts";
import { refuse } from "../options.ts";
import { foundText, isFoundIn, sessionsText } from "../repl/sessions-text.ts";
import type { Run, RunCommand } from "../run.ts";
import { Session, withQueen } from "../session/session.ts";
import { markdownOf, transcriptOf } from "../team/export-text.ts";
import { Show, watched } from "../team/show.ts";
import { statsText } from "../team/stats-text.ts";

/** What is asked of sessions, whoever has them. */
interface Shelf {
  sessions(): Promise<readonly SessionView[]>;
  exported(session: string): Promise<ExportedSession>;
  teamStats(): Promise<TeamStats>;
}

/** SS1. */
async function shelfOf({ env, cwd, interruption, output }: Run): Promise<Shelf> {
  const loaded = loadConfig({ flags: {}, env, cwd });
  const attached = await attachIfServed({ loaded, env, interruption, say: output.say });
  if (attached !== undefined) return attached.client;
  const { Archive } = await import("../../hosts/team/archive.ts");
  const { exportedFrom, sessionsIn } = await import("../../hosts/team/sessions.ts");
  const { statsIn } = await import("../../hosts/team/stats.ts");
  const archive = new Archive(join(loaded.paths.data, "sessions"));
  return {
    sessions: () => sessionsIn(archive),
    exported: (session) => exportedFrom(archive, session),
    teamStats: () => statsIn(archive),
  };
}

export const list: RunCommand = async (run) => {
  const sessions = await (await shelfOf(run)).sessions();
  return tellFacts(run, { sessions }, `${sessionsText(sessions)}\n`);
};

export const search: RunCommand = async (run) => {
  const words = run.args.join(" ");
  const sessions = await (await shelfOf(run)).sessions();
  const found = sessions.filter(({ asked }) => asked.some((one) => isFoundIn(one, words)));
  return tellFacts(run, { sessions: found }, `${foundText(found, words)}\n`);
};

export const show: RunCommand = async (run) => {
  const exported = await exportedOf(run);
  return tellFacts(run, exported, transcriptOf(exported));
};

export const stats: RunCommand = async (run) => {
  const told = await (await shelfOf(run)).teamStats();
  return tellFacts(run, told, `${statsText(told)}\n`);
};

/** SS3. */
export const exportSession: RunCommand = async (run) => {
  const format = run.options.text("--format") === undefined ? "json" : run.options.oneOf("--format", ["json", "md"]);
  const exported = await exportedOf(run);
  await run.output.data(format === "md" ? markdownOf(exported) : `${JSON.stringify(exported)}\n`);
  return 0;
};

/** SS2. */
export const replay: RunCommand = async (run) => {
  const exported = await exportedOf(run);
  const { decisions, differs } = replayed(exported.log);
  if (!run.options.on("--json")) await run.output.data(transcriptOf({ ...exported, earlier: [] }));
  const facts = { session: exported.session, events: exported.log.length, decisions, hash: exported.hash };
  const same = `${facts.events} events, ${decisions} decisions made again, each as it was; no model was asked\n`;
  if (differs === undefined) return tellFacts(run, { ...facts, same: true }, `${same}sha256 ${facts.hash}\n`);
  await tellFacts(
    run,
    { ...facts, same: false, differs },
    `event ${differs.seq} does not follow from what is before it\n`,
  );
  return 1;
};

export const fork: RunCommand = async (run) => {
  const exported = await exportedOf(run);
  const seq = run.options.number("--at") ?? lastBeforeClosing(exported.log);
  const text = run.options.text("--say");
  const { env, cwd, output, interruption } = run;
  const session = new Session(run, loadConfig({ flags: {}, env, cwd }));
  const shown = new Show({ output, terminal: watched() });
  try {
    const { client } = await session.attached();
    const begun = await client.fork(exported.discussion, { seq, ...(text === undefined ? {} : { text }) });
    for await (const event of client.discussionEvents(begun.discussion, interruption.signal)) await shown.on(event);
  } finally {
    await shown.end();
    await session.close();
  }
  return 0;
};

export const remove: RunCommand = async (run) => {
  const id = idIn(run);
  await withQueen(run, (client) => client.remove(id));
  return tellFacts(run, { session: id, removed: true }, `${id} is forgotten\n`);
};

const exportedOf = async (run: Run): Promise<ExportedSession> => (await shelfOf(run)).exported(idIn(run));

const idIn = ({ args: [id] }: Run): string => id ?? refuse("which session? `rbee sessions list` has them");

const lastBeforeClosing = (log: readonly LogEvent[]): number =>
  Math.max(0, log.findIndex(({ type }) => type === "closing") - 1);
