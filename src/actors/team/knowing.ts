/**
 * What a discussion tells of itself beyond its log: to its agents how they fare, to the knowledge what it came to.
 *
 * Owns: which event of a log means what to whom. Does not own: the log (log-writing.ts), what is kept or learnt
 * (machines/rules/notes.ts, learn.ts).
 *
 *  KW1 An agent that has gone is told nothing: the discussion does without it.
 *
 * @module
 */
import type { AgentEvent } from "../../../machines/agent.ts";
import type { KnowledgeEvent } from "../../../machines/knowledge.ts";
import type { LibraryEvent } from "../../../machines/library.ts";
import { lessonOf } from "../../../machines/rules/learn.ts";
import { endsTurn, type LogEvent } from "../../../machines/rules/log.ts";
import { notesOf } from "../../../machines/rules/notes.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import { type Command, type Scope, tell } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";
import { agentKey, agents, type DiscussionRow, discussions } from "./tables.ts";

const toAgent = event<AgentEvent>();
const toKnowledge = event<KnowledgeEvent>();
const toLibrary = event<LibraryEvent>();

export const knowledgeOf = (host: string): Address => address(host, "knowledge", "main");
const libraryOf = (host: string): Address => address(host, "library", "main");

/** KW1. */
export function agentTold(session: string, name: string, told: AgentEvent, scope: Scope): readonly Command[] {
  const row = scope.rows(agents).get(agentKey(session, name));
  return row === undefined ? [] : [tell(row.address, toAgent(told))];
}

/** What was just written, as agents hear of it. */
export function faring(written: readonly LogEvent[], scope: Scope): readonly Command[] {
  const session = scope.rows(discussions).get(idOf(scope.self))?.session;
  if (session === undefined) return [];
  return written.flatMap((one) => {
    if (one.type === "granted") return agentTold(session, one.agent, { type: "task" }, scope);
    if (endsTurn(one)) return agentTold(session, one.agent, { type: "rested" }, scope);
    if (one.type !== "polled") return [];
    return one.voters.flatMap((voter) => agentTold(session, voter, { type: "consulted" }, scope));
  });
}

/** With its last word a discussion is something to know, and each who spoke in it has its own thoughts of it. */
export function concluded(log: readonly LogEvent[], row: DiscussionRow, scope: Scope): readonly Command[] {
  const [opened] = log;
  if (opened?.type !== "opened" || opened.mode !== "discuss") return [];
  const { session, caller } = row;
  const host = hostOf(scope.self);
  const kept = opened.agents.flatMap(({ name: agent }) => {
    const notes = notesOf(log, agent);
    return notes.length === 0 ? [] : [{ agent, notes }];
  });
  const lesson = lessonOf(log, { session, discussion: idOf(scope.self), key: caller?.key });
  return [
    ...(kept.length === 0 ? [] : [tell(libraryOf(host), toLibrary({ type: "remember", session, kept }))]),
    ...(lesson === undefined ? [] : [tell(knowledgeOf(host), toKnowledge({ type: "learn", lesson }))]),
  ];
}
