/**
 * What a node's door asks of the team, put to the store, the archive and whoever listens.
 *
 *  TE1 Somebody's word about the mode wins over the configuration's, and that over the gate's; which it was is told.
 *  TE2 What was asked and answered before in a session is before a new question, newest last, and no more of it than
 *      leaves room for the question.
 *  TE3 A discussion is read where it is: from its cell while there is one, else from the archive.
 *  TE4 Where there is nothing but the starter, nobody is called who was not asked for: it is too small for a team.
 *  TE5 A fork is of the same session, its log begins with the same bytes, and no model is asked for them (TD9).
 *  TE6 What the team knows about a question is before it, unless it is asked with an API key: that is the owner's.
 *  TE7 What was said before under a label goes into no question of a less private one (TS11).
 *  TE8 Who asks under a word of their own and asks again is given what was begun, whether it runs or is over.
 *  TE9 What cannot be read of a session stops no question in it: it is set aside, and that is said with the question.
 *  TE10 Where a bound was set to what a discussion costs, it is gone on with only as its log bills it (TS12).
 *  TE11 Nor is it where nobody but the starter reads it, which takes what it is told for what it is asked.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { forkOf } from "../../../machines/rules/replay.ts";
import { ASKED_FOR, gate } from "../../../machines/rules/gate.ts";
import type { LogEvent, Logged, Mode } from "../../../machines/rules/log.ts";
import { mayGo } from "../../../machines/rules/label.ts";
import { address, type Address, type Caller, hostOf, type Label } from "../../../machines/words.ts";
import type { DiscussionEvent as CellEvent, Opening } from "../../../machines/discussion.ts";
import type { LibraryEvent } from "../../../machines/library.ts";
import type { ReadEvent } from "../../actors/team/discussion.ts";
import type { RunningEvent } from "../../actors/team/library.ts";
import type { NotedEvent } from "../../actors/team/noting.ts";
import type { TeamAsker, TeamSeat } from "../../doors/team.ts";
import type { DiscussionRequest, ForkRequest } from "../../protocol/discussion-api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import type { TeamConfig } from "../../runtime/config/team.ts";
import { event } from "../../runtime/reading.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import { STARTER } from "../machine/machine.ts";
import { patiently } from "../porter/patience.ts";
import { LIBRARY } from "../porter/residents.ts";
import type { Archive, KeptLog } from "./archive.ts";
import type { Audience } from "./audience.ts";
import type { Knowledge } from "./knowledge.ts";
import { everyone, teamNames } from "./thinkers.ts";
import { billedIn, billedOtherwise, type Billing, configOf, rosterOf, seatedAgain } from "./roster.ts";
import { answerOf, exportedFrom, sessionsIn, withRunning } from "./sessions.ts";
import { statsIn } from "./stats.ts";
import type { StoreTimes } from "./store-times.ts";

const toLibrary = event<LibraryEvent>();
const toDiscussion = event<CellEvent>();

const ANSWER_MS = 30_000;
/** TE2. */
const BEFORE_MAX = 4;
const BEFORE_LENGTH_MAX = 2_000;
const ID_BYTES = 9;
const fresh = (): string => randomBytes(ID_BYTES).toString("hex");

const addressOf = (discussion: string): Address => address(hostOf(LIBRARY), "discussion", discussion);

export interface TeamParts {
  readonly doors: Pick<DoorAsks, "ask">;
  readonly archive: Archive;
  readonly knowledge: Pick<Knowledge, "known" | "forgetSession">;
  readonly audience: Audience;
  readonly config: TeamConfig;
  /** The user's; his own specialists lie beside it. */
  readonly configFile: string;
  /** What a request means that names no model. */
  readonly defaultModel: string;
  /** Models that are in memory somewhere: samples of a vote are drawn from all of them. */
  readonly models: () => Promise<readonly string[]>;
  readonly billing: Billing;
  readonly storeTimes: StoreTimes["told"];
}

export function teamSeat(parts: TeamParts): TeamSeat {
  const { doors, archive, knowledge, audience, config } = parts;
  const beginning: Beginning = new Map();
  return {
    begin: (request, asker) => begin(parts, beginning, request, asker),
    fork: (discussion, request, caller) => fork(parts, discussion, request, caller),
    async modeOf(request) {
      return modeOf({ request }, config, isTiny(parts.defaultModel, await parts.models())).mode;
    },
    async say(discussion, said) {
      try {
        const noted = await doors.ask<NotedEvent>(addressOf(discussion), toDiscussion(said), ANSWER_MS);
        return noted.seq;
      } catch (thrown) {
        throw await overOrNever(archive, discussion, thrown);
      }
    },
    listen(discussion, from, signal) {
      return audience.listen(discussion, from, () => earlier(parts, discussion, from), signal);
    },
    async sessions() {
      const { discussions } = await running(doors);
      return withRunning(await sessionsIn(archive), discussions);
    },
    exported: (session) => exportedFrom(archive, session),
    async remove(session) {
      await knowledge.forgetSession(session);
      return archive.remove(session);
    },
    async stats() {
      const [kept, { agents }] = await Promise.all([statsIn(archive), running(doors)]);
      return { ...kept, agents: [...agents], ...parts.storeTimes() };
    },
    async specialists() {
      const team = teamNames(config.specialists, parts.configFile);
      const told = everyone(parts.configFile).map(({ name, colour, duty, model }) => ({
        name,
        colour,
        duty,
        ...(model === undefined ? {} : { model }),
        inTeam: team.includes(name),
      }));
      return { schemaVersion: 1, specialists: told };
    },
  };
}

const running = (doors: TeamParts["doors"]): Promise<RunningEvent> =>
  patiently(() => doors.ask<RunningEvent>(LIBRARY, toLibrary({ type: "list" }), ANSWER_MS));

type Begun = Awaited<ReturnType<TeamSeat["begin"]>>;

/** Under a word, by id: what nobody can find yet. */
type Beginning = Map<string, Promise<Begun>>;

/** TE8. */
async function begin(
  parts: TeamParts,
  beginning: Beginning,
  asked: DiscussionRequest,
  asker: TeamAsker,
): Promise<Begun> {
  const { word, caller } = asker;
  if (word === undefined) return begunAs(fresh(), parts, asked, asker);
  const id = idOf(word, caller);
  const begun = beginning.get(id) ?? begunOnce(id, parts, asked, asker).finally(() => beginning.delete(id));
  beginning.set(id, begun);
  return begun;
}

const begunOnce = async (id: string, parts: TeamParts, asked: DiscussionRequest, asker: TeamAsker): Promise<Begun> =>
  (await begunBefore(parts, `d${id}`)) ?? begunAs(id, parts, asked, asker);

/** TE8: the same for the same word of the same caller, and nobody else's. */
const idOf = (word: string, caller: Caller | undefined): string =>
  createHash("sha256")
    .update(JSON.stringify([caller?.key ?? "", word]))
    .digest("hex")
    .slice(0, 2 * ID_BYTES);

async function begunBefore(parts: TeamParts, discussion: string): Promise<Begun | undefined> {
  const known = await found(parts, discussion, 0);
  const [opened] = known?.log ?? [];
  if (known === undefined || opened?.type !== "opened") return undefined;
  return { discussion, session: known.session, mode: opened.mode, why: opened.why };
}

async function begunAs(
  id: string,
  { doors, archive, knowledge, config, configFile, models, defaultModel, billing }: TeamParts,
  asked: DiscussionRequest,
  { caller, before: told }: TeamAsker,
): Promise<Begun> {
  const { request, privacy = "private", deadline_ms: hardMs = config.hardMs, max_tokens: answerTokensMax } = asked;
  const session = asked.session ?? `s${id}`;
  const [{ kept: before, aside }, loaded] = await Promise.all([archive.readable(session), models()]);
  const { mode, why: whyMode } = modeOf(asked, config, isTiny(asked.model ?? defaultModel, loaded));
  const why = [whyMode, ...aside.map((name) => `${name} of this session is damaged, and set aside`)].join("; ");
  const roster = rosterOf(mode, { config, configFile, model: asked.model, loaded });
  const isReadByStarter = roster.every(({ model }) => (asked.model ?? model ?? defaultModel) === STARTER);
  // TE6, TE11.
  const isGiven = caller?.key === undefined && !isReadByStarter;
  const known = isGiven ? await knowledge.known(request, privacy) : [];
  const opened = {
    type: "opened",
    request,
    mode,
    why,
    label: privacy,
    ...(asked.model === undefined ? {} : { model: asked.model }),
    agents: roster.map(({ body: _body, place: _place, tools: _tools, ...its }) => its),
    config: {
      ...configOf(mode, { ...config, hardMs }),
      ...(answerTokensMax === undefined ? {} : { answerTokensMax }),
    },
    before: (told ?? before.flatMap((its) => toldOf(its, privacy))).slice(-BEFORE_MAX).map(shortened),
    ...(known.length === 0 ? {} : { knowledge: known }),
  } as const;
  const model = { asked: asked.model, fallback: defaultModel };
  const opening: Opening = { type: "question", opened: billedIn(opened, roster, billing, model) };
  const discussion = `d${id}`;
  await open(doors, { discussion, session, model: asked.model, caller, roster, opening });
  return { discussion, session, mode, why };
}

async function open(
  doors: TeamParts["doors"],
  its: Omit<Extract<LibraryEvent, { type: "open" }>, "type">,
): Promise<void> {
  await patiently(() => doors.ask(LIBRARY, toLibrary({ type: "open", ...its }), ANSWER_MS));
}

/** TE5. */
async function fork(
  { doors, archive, configFile, billing, defaultModel }: TeamParts,
  from: string,
  { seq, text }: ForkRequest,
  caller: Caller | undefined,
): ReturnType<TeamSeat["begin"]> {
  const kept = await archive.find(from);
  if (kept === undefined) throw unknown(from);
  const prefix = forkOf(kept.log, seq);
  const [first] = kept.log;
  if (prefix === undefined || first?.type !== "opened") {
    const allowed = "an event before the one that says it is closing";
    throw new RbeeError("request.invalid", `it cannot be gone on from behind event ${seq}`, {
      field: "seq",
      found: seq,
      allowed,
    });
  }
  const roster = seatedAgain(first, configFile);
  const { session } = kept;
  const other = billedOtherwise(first, roster, billing, { asked: first.model, fallback: defaultModel });
  if (other !== undefined) {
    const message = `${other} is billed otherwise now than the log of ${from} says: ask the question anew`;
    throw new RbeeError("request.invalid", message, {
      field: "discussion",
      found: from,
      allowed: "one whose models, their prices and whose thinkers' files are as they were",
    });
  }
  const opening: Opening = { type: "fork", prefix, text };
  const discussion = `d${fresh()}`;
  await open(doors, { discussion, session, model: first.model, caller, roster, opening });
  return { discussion, session, mode: first.mode, why: `it goes on from event ${seq} of ${from}` };
}

/** TE1. */
function modeOf(
  { mode, request }: DiscussionRequest,
  config: TeamConfig,
  isOnlyStarter: boolean,
): { readonly mode: Mode; readonly why: string } {
  if (mode !== undefined && mode !== "auto") return { mode, why: ASKED_FOR };
  if (config.mode !== "auto") return { mode: config.mode, why: "team.mode says so" };
  return isOnlyStarter
    ? { mode: "alone", why: "only the starter is here, and it is too small for a team" }
    : gate(request);
}

/** TE4. */
const isTiny = (model: string, loaded: readonly string[]): boolean =>
  model === STARTER && loaded.every((one) => one === STARTER);

type Before = Logged<"opened">["before"][number];

/** TE7. */
function toldOf({ log: [opened, ...rest] }: KeptLog, upTo: Label): readonly Before[] {
  const answer = answerOf(rest);
  if (opened?.type !== "opened" || answer === undefined || !mayGo(opened.label, upTo)) return [];
  return [{ request: opened.request, answer }];
}

const shortened = ({ request, answer }: Before): Before => ({
  request: request.slice(0, BEFORE_LENGTH_MAX),
  answer: answer.slice(0, BEFORE_LENGTH_MAX),
});

/** TE3. @returns its log from there on, and nothing where there is none */
async function found(
  { doors, archive }: TeamParts,
  discussion: string,
  from: number,
): Promise<Pick<KeptLog, "log" | "session"> | undefined> {
  try {
    const made = toDiscussion({ type: "read", from });
    const { events: log, session } = await patiently(() =>
      doors.ask<ReadEvent>(addressOf(discussion), made, ANSWER_MS),
    );
    return { log, session };
  } catch (thrown) {
    const kept = await archive.find(discussion);
    if (kept !== undefined) return { log: kept.log.slice(from), session: kept.session };
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

async function earlier(parts: TeamParts, discussion: string, from: number): Promise<readonly LogEvent[]> {
  const its = await found(parts, discussion, from);
  if (its === undefined) throw unknown(discussion);
  return its.log;
}

const isGone = (thrown: unknown): boolean => errorData(thrown).code === "cell.gone";
const unknown = (discussion: string): RbeeError =>
  new RbeeError("request.not.found", `there is no discussion ${discussion.slice(0, 64)}`);

async function overOrNever(archive: Archive, discussion: string, thrown: unknown): Promise<unknown> {
  if (!isGone(thrown)) return thrown;
  if ((await archive.find(discussion)) === undefined) return unknown(discussion);
  return new RbeeError("discussion.over", `${discussion} has come to its end`);
}
