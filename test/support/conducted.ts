/**
 * One discussion of a real node, a word at a time: nobody is answered before everybody who is asked has been heard, and
 * then one of them is. So two runs differ in what a test makes different, and in nothing that the machine's clock does.
 *
 * Owns: who is answered next, and what of a log is to be compared. Does not own: the calls (keyed-models.ts).
 *
 *  CN1 Somebody is answered only while the log owes nothing: every turn that is open and every vote that is missing has
 *      its call here, as many as may think at once.
 *
 * @module
 */
import { next, openPoll } from "../../machines/rules/discuss.ts";
import type { LogEvent } from "../../machines/rules/log.ts";
import type { Step } from "../../machines/specialist.ts";
import { standingOf } from "../../machines/rules/standing.ts";
import type { DiscussionAccepted, DiscussionRequest } from "../../src/protocol/discussion-api.ts";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { hashed } from "../simulation/team/thinkers.ts";
import { waitUntil } from "./children.ts";
import type { HeardCall, KeyedModels } from "./keyed-models.ts";
import type { TestNode } from "./node-harness.ts";
import { Prng } from "./prng.ts";
import { begin, listen } from "./team-node.ts";

const SOON_MS = 20_000;
/** So much later than it should a timer may tell, on a machine that others use. */
const TICK_MS = 2_000;
export const QUESTION = "Which way shall we go?";

export type Asked = DiscussionRequest | (() => Promise<DiscussionAccepted>);

export interface Stage {
  readonly models: readonly KeyedModels[];
  /** Another one behind a crash. */
  readonly node: TestNode;
}

/** What there is to look at when somebody is about to be answered. */
export interface Quiet {
  readonly discussion: string;
  readonly log: readonly LogEvent[];
  readonly held: readonly HeardCall[];
}

export interface How {
  readonly says: (call: HeardCall) => string;
  /** Who is answered first: the lowest; of several the one who has waited longest, by the log. */
  readonly rank?: (call: HeardCall) => number;
  /** Before somebody is answered. @returns whether it did something, so that all of it is looked at again */
  readonly meanwhile?: (quiet: Quiet) => Promise<boolean>;
  /** How many may think at once. */
  readonly atOnce?: number;
}

export interface Conducted extends DiscussionAccepted {
  readonly log: readonly LogEvent[];
  /** Every call that was made for it, as they came. */
  readonly calls: readonly HeardCall[];
}

/** What was sent for one of them, byte for byte, in the order of the asking: nobody is asked two things at once. */
export const sentFor = (
  { calls }: Pick<Conducted, "calls">,
  name: string,
  steps?: readonly Step[],
): readonly string[] =>
  calls.filter(({ agent, step }) => agent === name && steps?.includes(step) !== false).map(({ body }) => body);

/** @param asked a question, or how else a discussion comes to be; nothing else is asked of these models meanwhile */
async function conducted(stage: Stage, asked: Asked, how: How): Promise<Conducted> {
  const from = stage.models.map(({ calls }) => calls.length);
  const begun = await (typeof asked === "function" ? asked() : begin(stage.node, asked));
  const { discussion } = begun;
  const log: LogEvent[] = [];
  const held = (): readonly HeardCall[] => stage.models.flatMap((one) => one.held);
  const isOver = (): boolean => log.at(-1)?.type === "final";
  const { says, rank = () => 0, meanwhile = () => Promise.resolve(false), atOnce = Infinity } = how;
  const reading = follow(stage, discussion, log);
  while (!isOver()) {
    await waitUntil(() => isOver() || isQuiet(log, held(), atOnce), SOON_MS).catch((thrown: unknown) => {
      const last = log.slice(-8).map((event) => JSON.stringify(event).slice(0, 160));
      const calls = held().map(({ agent, step }) => `${agent} ${step}`);
      throw new Error([String(thrown), ...last, ...calls, stage.node.stderr].join("\n"));
    });
    if (isOver() || (await meanwhile({ discussion, log, held: held() }))) continue;
    const waiting = owedIn(log).flatMap((its) => held().filter((call) => turnOf(call) === its));
    const [first] = waiting.toSorted((one, other) => rank(one) - rank(other));
    first?.answer(says(first));
  }
  await reading;
  return { ...begun, log, calls: stage.models.flatMap(({ calls }, index) => calls.slice(from[index])) };
}

/** @param asked of a question what is to be otherwise; its log is sound, or what is wrong with it is thrown */
export async function discussed(
  stage: Stage,
  how: How,
  asked: Partial<DiscussionRequest> | Exclude<Asked, DiscussionRequest> = {},
): Promise<Conducted> {
  const question: Asked = typeof asked === "function" ? asked : { request: QUESTION, mode: "discuss", ...asked };
  const its = await conducted(stage, question, how);
  const broken = told(checkLog(its.log, true, TICK_MS));
  if (broken.length > 0) throw new Error(broken.join("\n"));
  return its;
}

/** One after another: models are asked for one discussion at a time. */
export async function inTurn<From, To>(all: readonly From[], then: (one: From) => Promise<To>): Promise<readonly To[]> {
  const made: To[] = [];
  for (const one of all) made.push(await then(one));
  return made;
}

/** To its end, over nodes that are killed. */
async function follow(stage: Stage, discussion: string, log: LogEvent[]): Promise<void> {
  while (log.at(-1)?.type !== "final") {
    const { node } = stage;
    try {
      for await (const { event } of listen(node, discussion, log.at(-1)?.seq))
        if (event.type !== "token") log.push(event);
    } catch {
      // The node went before it answered.
    }
    if (node.isOver) await waitUntil(() => stage.node !== node, SOON_MS);
  }
}

/** CN1. */
function isQuiet(log: readonly LogEvent[], held: readonly HeardCall[], atOnce: number): boolean {
  const standing = standingOf(log);
  if (standing === undefined || next(standing, standing.at) !== undefined) return false;
  const owed = owedIn(log);
  const there = owed.filter((its) => held.some((call) => turnOf(call) === its));
  return owed.length > 0 && there.length === Math.min(owed.length, atOnce) && held.length === there.length;
}

/** A call may come before it is heard whose turn it is of, and another turn of the same thinker is not over then. */
const turnOf = ({ step, seed, agent = "" }: HeardCall): string => (step === "vote" ? `${seed}/${agent}` : `${seed}`);

/** Whose call the log waits for, as it asked for them. */
function owedIn(log: readonly LogEvent[]): readonly string[] {
  const standing = standingOf(log);
  const poll = standing === undefined ? undefined : openPoll(standing);
  const voters = poll?.voters.filter((name) => !poll.ballots.has(name) && !poll.abstained.has(name)) ?? [];
  return [...(standing?.turns.keys() ?? [])].map(String).concat(voters.map((name) => `${poll?.round}/${name}`));
}

/** What goes on from an event of another one, once that is kept, with something said there. */
export function forkOf(
  stage: Stage,
  { discussion }: Conducted,
  seq: number,
  text?: string,
): () => Promise<DiscussionAccepted> {
  const ask = (): ReturnType<TestNode["call"]> =>
    stage.node.call("POST", `/v2/discussions/${discussion}/fork`, { seq, ...(text === undefined ? {} : { text }) });
  return async () => {
    let reply = await ask();
    await waitUntil(async () => reply.status !== 404 || (reply = await ask()).status !== 404, SOON_MS);
    if (reply.status !== 202) throw new Error(`no fork: ${reply.text}`);
    return reply.json() as DiscussionAccepted;
  };
}

/** Something that the user says, once, when it is time for that. */
export function saidOnce(stage: Stage, text: string, isTime: (quiet: Quiet) => boolean): NonNullable<How["meanwhile"]> {
  let isSaid = false;
  return async (quiet) => {
    if (isSaid || !isTime(quiet)) return false;
    isSaid = true;
    const reply = await stage.node.call("POST", `/v2/discussions/${quiet.discussion}/say`, { text });
    if (reply.status !== 200) throw new Error(`not said: ${reply.text}`);
    await waitUntil(() => quiet.log.some(({ type }) => type === "user"), SOON_MS);
    return true;
  };
}

// What is said, where a test has nothing special to be said.

export type Says = How["says"];
export type Move = "pass" | "speak" | "object";

/** Bids are made as they were planned, and behind that everybody passes; each votes for its own. */
export function planned(moves: Readonly<Record<string, readonly Move[]>>, read?: (call: HeardCall) => string): Says {
  const made = new Map<string, number>();
  return (call) => {
    const { agent = "", step, choices } = call;
    const said = thinks(call, read);
    if (step === "vote") return JSON.stringify({ choice: choices.find((one) => one === agent) ?? choices[0], sure: 9 });
    if (step !== "bid") return said;
    const nth = made.get(agent) ?? 0;
    made.set(agent, nth + 1);
    return JSON.stringify({ ...(JSON.parse(said) as object), move: moves[agent]?.[nth] ?? "pass" });
  };
}

/** Whoever reads the same says the same. @param read what of a prompt counts */
export function thinks(call: HeardCall, read: (call: HeardCall) => string = ({ prompt }) => prompt): string {
  const chance = new Prng(hashed(read(call)));
  const thought = `thought ${chance.int(0, 1e9)}`;
  switch (call.step) {
    case "claims":
      return JSON.stringify({ claims: [`it follows from ${thought}`] });
    case "bid":
      return JSON.stringify({ move: chance.pick(["pass", "speak", ...call.choices]), why: thought });
    case "object":
      return JSON.stringify({ claim: chance.pick(call.choices), error: `${thought} is against it` });
    case "vote":
      return JSON.stringify({ choice: chance.pick(call.choices), sure: chance.int(1, 10) });
    case "sample":
      return JSON.stringify({ steps: thought, answer: chance.pick(["42", "41"]), sure: chance.int(1, 10) });
    default:
      return `This is ${thought}.`;
  }
}

// What of a log is the same in two runs.

/** A log without its times, and without the names of jobs and workers. @param renamed other names for some */
export function plainLog(
  { log }: Pick<Conducted, "log">,
  renamed: Readonly<Record<string, string>> = {},
): readonly unknown[] {
  const plain = log.map(({ at: _at, ...its }) => {
    if (its.type === "opened") return { ...its, agents: its.agents.map(({ hash: _hash, ...seat }) => seat) };
    if (its.type === "contributed") return { ...its, source: its.source.model };
    return its.type === "final" ? { ...its, worth: { ...its.worth, ms: 0 } } : its;
  });
  return JSON.parse(JSON.stringify(plain), (_key, value: unknown) =>
    typeof value === "string" ? (renamed[value] ?? value) : value,
  ) as unknown[];
}

/** Who said what, in its order. */
export const wordsIn = ({ log }: Pick<Conducted, "log">): readonly string[] =>
  log.flatMap((event) => (event.type === "contributed" ? [`${event.agent}: ${event.text}`] : []));
