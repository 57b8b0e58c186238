/**
 * A thinker: its machine, and what each of its actions means.
 *
 * Owns: the jobs of a turn's steps, and putting together what comes of them. Does not own: the words that are asked
 * (instructions.ts) or how they are read (replies.ts).
 *
 * @module
 */
import type { CrewEvent } from "../../../machines/crew.ts";
import type { DiscussionEvent } from "../../../machines/discussion.ts";
import { isUnbilled } from "../../../machines/rules/event-cost.ts";
import { NO_USAGE, plus, tokensOfUsage, UNTOLD, type Usage } from "../../../machines/rules/usage.ts";
import { type Duty, type SpecialistEvent, specialistMachine, type Step } from "../../../machines/specialist.ts";
import { type Address, idOf } from "../../../machines/words.ts";
import { isErrorCode } from "../../protocol/errors.ts";
import { CALLS_PORT } from "../../protocol/ports.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  del,
  drop,
  put,
  raise,
  refuse,
  reply,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event, reader } from "../../runtime/reading.ts";
import type { CallsAsk } from "./assignment.ts";
import { isHeard, requestFor } from "./instructions.ts";
import { type Reply, replyOf } from "./replies.ts";
import { type Task, type Work, works } from "./tables.ts";

const read = reader<SpecialistEvent>();
const toSelf = event<SpecialistEvent>();
const toCrew = event<CrewEvent>();
const toDiscussion = event<DiscussionEvent>();

const CALL_DEADLINE_MS = 86_400_000;
const CUT_DEADLINE_MS = 2_000;

/** What its crew hands it: the machine looks at the duty alone. */
export type Assigned = Extract<SpecialistEvent, { type: "assigned" }> & {
  readonly task: Task;
};

const workOf = (scope: Scope): Work | undefined => scope.rows(works).get(idOf(scope.self));
const kept = (scope: Scope, work: Work): Command => put(works, idOf(scope.self), work);

/** The first step of a task comes with it. */
function begun(scope: Scope): Work | undefined {
  if (scope.event.type !== "assigned") return workOf(scope);
  const { task } = scope.event as Assigned & Message;
  return {
    task,
    usage: NO_USAGE,
    call: "",
    text: "",
    conf: undefined,
    source: undefined,
    claims: [],
    objection: undefined,
    option: "",
  };
}

function call({ step }: { step: Step }, scope: Scope): readonly Command[] {
  const work = begun(scope);
  if (work === undefined) return [];
  const { assignment } = work.task;
  const { discussion, agent, duty, turn, caller, answerBy } = assignment;
  // The same after a crash, so that the job of before is found again.
  const key = `${discussion}/${duty}/${turn}/${agent}/${step}`;
  const request = requestFor(step, assignment, key, work.text);
  const its = { discussion, agent, turn, step, isHeard: isHeard(step), request, caller } as const;
  const timeMs = answerBy === undefined ? CALL_DEADLINE_MS : Math.max(1, answerBy - scope.at);
  const made: CallsAsk = { type: "call", key, ...its, timeMs };
  return [
    kept(scope, { ...work, call: key }),
    ask(CALLS_PORT, made, { name: "call", deadlineMs: CALL_DEADLINE_MS, onRestart: "again" }),
  ];
}

function readStep(_params: unknown, scope: Scope): readonly Command[] {
  const { step, text, usage, source } = read(scope, "called");
  const before = workOf(scope);
  if (before === undefined) return [];
  // The claims of a draft are about words that another job said.
  const work: Work = {
    ...before,
    source: step === "claims" ? before.source : source,
    usage: plus(before.usage, usage),
  };
  return followed(work, replyOf(step, text, work.task.assignment), scope);
}

function followed(work: Work, came: Reply, scope: Scope): readonly Command[] {
  const then = (next: Work, made: Message): readonly Command[] => [kept(scope, next), raise(made)];
  const thought = toSelf({ type: "thought" });
  switch (came.type) {
    case "malformed":
      return then(work, toSelf(came));
    case "pass":
      return then(work, toSelf({ type: "passes", why: came.why }));
    case "speak":
      return then(work, toSelf({ type: "speaks" }));
    case "object":
      return then(work, toSelf({ type: "objects" }));
    case "text":
      return then({ ...work, text: came.text }, thought);
    case "claims":
      return then({ ...work, claims: came.claims }, thought);
    case "objection":
      return then({ ...work, text: came.error, objection: came }, thought);
    case "sample":
      return then({ ...work, text: came.answer, conf: came.conf }, thought);
    case "vote":
      return then({ ...work, option: came.choice, conf: came.conf }, thought);
  }
}

/** SP1: one answer, and then it is free. */
function answered(scope: Scope, answer: (work: Work) => Command): readonly Command[] {
  const work = workOf(scope);
  if (work === undefined) return [];
  return [
    del(works, idOf(scope.self)),
    drop("call"),
    answer(work),
    tell(crewOf(scope), toCrew({ type: "freed", thinker: nameOf(work) })),
  ];
}

const crewOf = ({ self }: Scope): Address => `${self.slice(0, self.indexOf("/"))}/crew/main`;
const nameOf = ({ task: { assignment } }: Work): string => `${assignment.discussion}/${assignment.agent}`;

const giveResult = (_params: unknown, scope: Scope): readonly Command[] =>
  answered(scope, (work) => reply(work.task.re, resultOf({ ...work, usage: usageBehind(scope, work) })));

/** SP6. What it took is all that its steps say of it; where the last of them failed, nobody may know all of that. */
function usageBehind({ event: last }: Scope, { usage }: Work): Usage {
  const its = last as SpecialistEvent;
  if (its.type === "broke" || its.type === "partial") return plus(usage, its.usage);
  if (its.type === "cut.failed") return plus(usage, UNTOLD);
  return its.type === "call.failed" && !isUnbilled(its.code) ? plus(usage, UNTOLD) : usage;
}

function resultOf(work: Work): Message {
  const { usage, text, conf, claims, objection, option, source, task } = work;
  const { duty, turn, agent } = task.assignment;
  if (duty === "vote") return toDiscussion({ type: "voted", agent, round: turn, option, conf: conf ?? 0, usage });
  if (duty === "summary") return toDiscussion({ type: "summed", upTo: turn, text, usage });
  if (duty === "final") return toDiscussion({ type: "concluded", text, by: "model", usage });
  const said = { type: "said", text, usage, conf, source: source ?? { job: "", model: "", worker: "" } } as const;
  const more = { ...(claims.length > 0 ? { claims } : {}), ...(objection === undefined ? {} : { objection }) };
  return toDiscussion({ type: "turned", turn, result: { ...said, ...more } });
}

const givePass = ({ why }: { why: string }, scope: Scope): readonly Command[] =>
  answered(scope, ({ task, usage }) =>
    reply(
      task.re,
      toDiscussion({ type: "turned", turn: task.assignment.turn, result: { type: "passed", why, usage } }),
    ),
  );

const giveFailure = (_params: unknown, scope: Scope): readonly Command[] =>
  failed(scope, read(scope, scope.event.type === "broke" ? "broke" : "call.failed"));
const giveMalformed = (_params: unknown, scope: Scope): readonly Command[] => failed(scope, read(scope, "malformed"));

function failed(scope: Scope, { code: told, message }: { code: string; message: string }): readonly Command[] {
  const code = isErrorCode(told) ? told : "defect";
  return answered(scope, (work) => {
    const { re, assignment } = work.task;
    const { agent, duty, turn } = assignment;
    const usage = usageBehind(scope, work);
    if (!isLogged(duty) || tokensOfUsage(usage) === 0) return refuse(re, { code, message });
    if (duty === "vote") return reply(re, toDiscussion({ type: "unvoted", agent, round: turn, code, usage }));
    return reply(re, toDiscussion({ type: "turned", turn, result: { type: "failed", code, message, usage } }));
  });
}

/** Of the failure of a summary, or of the last word, no event says what it took. */
const isLogged = (duty: Duty): boolean => duty !== "summary" && duty !== "final";

function cutCall(_params: unknown, scope: Scope): readonly Command[] {
  const work = workOf(scope);
  const made: CallsAsk = { type: "cut", key: work?.call ?? "", caller: work?.task.assignment.caller };
  return [drop("call"), ask(CALLS_PORT, made, { name: "cut", deadlineMs: CUT_DEADLINE_MS, onRestart: "once" })];
}

function givePartial(_params: unknown, scope: Scope): readonly Command[] {
  const said = scope.event.type === "partial" ? read(scope, "partial").text : "";
  return answered(scope, (work) => {
    const partial = said === "" ? work.text : said;
    const result = { type: "cut", partial, usage: usageBehind(scope, work) } as const;
    return reply(work.task.re, toDiscussion({ type: "turned", turn: work.task.assignment.turn, result }));
  });
}

function depart(_params: unknown, scope: Scope): readonly Command[] {
  return [tell(crewOf(scope), toCrew({ type: "left", thinker: idOf(scope.self) }))];
}

export const specialistBehaviour = (settings: { readonly ttlMs: number }): Behaviour =>
  behaviour(specialistMachine.provide({ delays: { ttlMs: settings.ttlMs } }), {
    call,
    readStep,
    giveResult,
    givePass,
    giveFailure,
    giveMalformed,
    cutCall,
    givePartial,
    depart,
  });
