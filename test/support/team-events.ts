/**
 * Small domains of events of the team's machines, and where each cannot arrive, with the reason.
 *
 * @see test/support/machine-events.ts
 * @module
 */
import type { AgentEvent } from "../../machines/agent.ts";
import type { CrewEvent } from "../../machines/crew.ts";
import type { DiscussionEvent } from "../../machines/discussion.ts";
import type { KnowledgeEvent } from "../../machines/knowledge.ts";
import type { LibraryEvent } from "../../machines/library.ts";
import type { Lesson } from "../../machines/rules/learn.ts";
import type { Note } from "../../machines/rules/notes.ts";
import type { Duty, SpecialistEvent, Step } from "../../machines/specialist.ts";
import type { Impossible, Samples } from "./machine-events.ts";
import { openedBody, roster, SOURCE, USAGE } from "./team-rows.ts";

const LOST = { code: "worker.lost", class: "transient", message: "lost" } as const;
const failed = (key = "") => ({ key, ...LOST });

const DUTIES: readonly Duty[] = ["draft", "talk", "answer", "sample", "vote", "summary", "final"];
const STEPS: readonly Step[] = [
  "draft",
  "claims",
  "bid",
  "speak",
  "object",
  "answer",
  "sample",
  "vote",
  "summary",
  "final",
];

export const specialistSamples: Samples<SpecialistEvent> = {
  assigned: DUTIES.map((duty) => ({ type: "assigned", duty })),
  called: STEPS.map((step) => ({ type: "called", step, text: "so", usage: USAGE, source: SOURCE })),
  "call.failed": [{ type: "call.failed", ...failed() }],
  speaks: [{ type: "speaks" }],
  objects: [{ type: "objects" }],
  passes: [{ type: "passes", why: "nothing new" }],
  thought: [{ type: "thought" }],
  malformed: [{ type: "malformed", code: "thinker.malformed", message: "no JSON" }],
  cut: [{ type: "cut" }],
  broke: [{ type: "broke", code: "worker.lost", message: "lost", usage: USAGE }],
  partial: [{ type: "partial", text: "half", usage: USAGE }],
  "cut.failed": [{ type: "cut.failed" }],
};

/** States in which a step of a duty runs. */
export const STEPPING: readonly string[] = [
  "drafting",
  "claiming",
  "bidding",
  "speaking",
  "objecting",
  "answering",
  "sampling",
  "voting",
  "summing",
  "concluding",
];

const ONE_AT_A_TIME = "its crew gives it a task when it is free (CR1)";
const DROPPED = "the ask is dropped with the answer, and an answer without an ask is late, not mail";
const RAISED = "it is raised by what a step says, and folded before anything else";

export const specialistImpossible: Impossible<SpecialistEvent> = {
  assigned: { in: [...STEPPING, "stopping"], because: ONE_AT_A_TIME },
  called: { in: ["listening"], because: DROPPED },
  "call.failed": { in: ["listening"], because: DROPPED },
  broke: { in: ["listening"], because: DROPPED },
  speaks: { in: ["listening", "stopping", ...STEPPING.filter((state) => state !== "bidding")], because: RAISED },
  objects: { in: ["listening", "stopping", ...STEPPING.filter((state) => state !== "bidding")], because: RAISED },
  passes: { in: ["listening", "stopping", ...STEPPING.filter((state) => state !== "bidding")], because: RAISED },
  thought: { in: ["listening", "stopping", "bidding"], because: RAISED },
  malformed: { in: ["listening", "stopping"], because: RAISED },
};

export const crewSamples: Samples<CrewEvent> = {
  task: [{ type: "task", discussion: "d1", agent: "a" }],
  "ask.dropped": [{ type: "ask.dropped", id: "x" }],
  freed: [{ type: "freed", thinker: "d1/a" }],
  left: [{ type: "left", thinker: "d1-a-1" }],
  cut: [{ type: "cut", discussion: "d1" }],
  release: [{ type: "release", discussion: "d1" }],
  restored: [{ type: "restored" }],
};

const NOTE: Note = { text: "I passed: nothing new", label: "private" };

export const agentSamples: Samples<AgentEvent> = {
  task: [{ type: "task" }],
  rested: [{ type: "rested" }],
  consulted: [{ type: "consulted" }],
  learnt: [{ type: "learnt" }],
  keep: [{ type: "keep", notes: [NOTE] }],
  retire: [{ type: "retire" }],
  restored: [{ type: "restored" }],
};

const LESSON: Lesson = {
  about: "Which way?",
  text: "Left.",
  origin: { by: "discussion", session: "s1", discussion: "d1", seq: 9 },
  confidence: 1,
  label: "private",
};

export const knowledgeSamples: Samples<KnowledgeEvent> = {
  learn: [{ type: "learn", lesson: LESSON }],
  teach: [{ type: "teach", text: "Left.", label: "private" }],
  list: [{ type: "list" }],
  search: [{ type: "search", question: { text: "Which way?" }, label: "private", limit: 3, isUse: true }],
  lacking: [{ type: "lacking", model: "m" }],
  embedded: [{ type: "embedded", id: "k1", text: "Left.", vector: { model: "m", values: [1, 0] } }],
  forget: [{ type: "forget", id: "k1" }],
  "forget.session": [{ type: "forget.session", session: "s1" }],
  restored: [{ type: "restored" }],
};

const begin = {
  session: "s1",
  opening: { type: "question", opened: openedBody() },
  roster: roster("a", "b"),
  model: undefined,
  caller: undefined,
} as const;

export const librarySamples: Samples<LibraryEvent> = {
  open: [{ type: "open", discussion: "d1", ...begin }],
  begun: [{ type: "begun", discussion: "d1" }],
  remember: [{ type: "remember", session: "s1", kept: [{ agent: "a", notes: [NOTE] }] }],
  departed: [{ type: "departed", agent: "s1/a", address: "store/agent/s1-a-1" }],
  list: [{ type: "list" }],
  restored: [{ type: "restored" }],
};

export const discussionSamples: Samples<DiscussionEvent> = {
  begin: [{ type: "begin", ...begin }],
  look: [{ type: "look" }],
  wait: [{ type: "wait", ms: 5 }],
  close: [{ type: "close" }],
  turned: [{ type: "turned", turn: 1, result: { type: "passed", why: "", usage: USAGE } }],
  "turn.failed": [{ type: "turn.failed", ...failed("1") }],
  voted: [{ type: "voted", agent: "a", round: 1, option: "b", conf: 1, usage: USAGE }],
  "vote.failed": [{ type: "vote.failed", ...failed("1/a") }],
  unvoted: [{ type: "unvoted", agent: "a", round: 1, code: "thinker.malformed", usage: USAGE }],
  summed: [{ type: "summed", upTo: 2, text: "so far", usage: USAGE }],
  "summary.failed": [{ type: "summary.failed", ...failed() }],
  cut: [{ type: "cut" }],
  "cut.failed": [{ type: "cut.failed", ...failed() }],
  over: [{ type: "over" }],
  released: [{ type: "released" }],
  "release.failed": [{ type: "release.failed", ...failed() }],
  concluded: [{ type: "concluded", text: "so", by: "model", usage: USAGE }],
  "final.failed": [{ type: "final.failed", ...failed() }],
  heard: [{ type: "heard" }],
  "publish.failed": [{ type: "publish.failed", ...failed("0") }],
  kept: [{ type: "kept" }],
  "keep.failed": [{ type: "keep.failed", ...failed() }],
  say: [{ type: "say", text: "and?" }],
  order: [{ type: "order", order: { order: "stop" } }],
  read: [{ type: "read", from: 0 }],
  forgotten: [{ type: "forgotten", knowledge: "k1" }],
  restored: [{ type: "restored" }],
};

const OPEN = ["open.busy", "open.waiting"];
const LATER = ["closing", "closed", "concluding", "keeping"];
const BEGUN_FIRST = "its library begins it before anybody else knows its name";
const ASKED_LATER = "it is asked for in a later state, and the log is closed before that";

export const discussionImpossible: Impossible<DiscussionEvent> = {
  begin: { in: [...OPEN, ...LATER], because: "its library begins it once" },
  look: { in: ["fresh"], because: BEGUN_FIRST },
  wait: { in: ["fresh"], because: BEGUN_FIRST },
  close: { in: ["fresh"], because: BEGUN_FIRST },
  turned: { in: ["fresh"], because: BEGUN_FIRST },
  "turn.failed": { in: ["fresh"], because: BEGUN_FIRST },
  voted: { in: ["fresh"], because: BEGUN_FIRST },
  "vote.failed": { in: ["fresh"], because: BEGUN_FIRST },
  unvoted: { in: ["fresh"], because: BEGUN_FIRST },
  summed: { in: ["fresh"], because: BEGUN_FIRST },
  "summary.failed": { in: ["fresh"], because: BEGUN_FIRST },
  over: { in: ["fresh", ...OPEN], because: ASKED_LATER },
  released: { in: ["fresh", ...OPEN], because: ASKED_LATER },
  "release.failed": { in: ["fresh", ...OPEN], because: ASKED_LATER },
  concluded: { in: ["fresh", ...OPEN, "closing", "closed", "keeping"], because: ASKED_LATER },
  "final.failed": { in: ["fresh", ...OPEN, "closing", "closed", "keeping"], because: ASKED_LATER },
  kept: { in: ["fresh", ...OPEN, "closing", "closed", "concluding"], because: ASKED_LATER },
  "keep.failed": { in: ["fresh", ...OPEN, "closing", "closed", "concluding"], because: ASKED_LATER },
};
