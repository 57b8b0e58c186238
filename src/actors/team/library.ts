/**
 * The library: its machine, and what each of its actions means.
 *
 * @module
 */
import type { AgentEvent } from "../../../machines/agent.ts";
import type { DiscussionEvent, Opening } from "../../../machines/discussion.ts";
import { libraryMachine, type LibraryEvent } from "../../../machines/library.ts";
import { notesFor } from "../../../machines/rules/notes.ts";
import { address, hostOf } from "../../../machines/words.ts";
import {
  behaviour,
  type Behaviour,
  type Command,
  del,
  put,
  refuse,
  reply,
  type Scope,
  spawn,
  tell,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import type { LogEvent, Logged } from "../../../machines/rules/log.ts";
import { agentKey, agents, discussions, logs, memories } from "./tables.ts";

const read = reader<LibraryEvent>();
const toDiscussion = event<DiscussionEvent>();
const toAgent = event<AgentEvent>();

/** LY4. Each is a few hundred bytes, and goes by itself when nobody needs it. */
const AGENTS_MAX = 512;

export interface LibrarySettings {
  /** Discussions that run at the same time. */
  readonly discussionsMax: number;
}

/** A discussion that runs. */
export interface Runs extends Pick<Logged<"opened">, "request" | "mode" | "at"> {
  readonly discussion: string;
  readonly session: string;
  readonly said?: readonly string[];
}

/** Nobody says more in one discussion by hand. */
const SAID_MAX = 256;

/** What the user said in it, beside the question. */
export function saidIn(log: readonly LogEvent[]): { readonly said?: string[] } {
  const said = log.flatMap((one) => (one.type === "user" ? [one.text] : [])).slice(-SAID_MAX);
  return said.length === 0 ? {} : { said };
}

/** Agents of one name, and what they keep for themselves. */
export interface Alive {
  readonly name: string;
  readonly sessions: number;
  readonly notes: number;
  readonly memoryBytes: number;
}

export interface RunningEvent {
  readonly type: "running";
  readonly discussions: readonly Runs[];
  readonly agents: readonly Alive[];
}

/** LY5. */
function list(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const running = [...scope.rows(discussions).entries()].flatMap(([discussion, { session }]): readonly Runs[] => {
    const kept = scope.rows(logs).index.of(discussion);
    if (kept === undefined) return [];
    const { request, mode, at } = kept.standing.opened;
    return [{ discussion, session, request, mode, at, ...saidIn(kept.events) }];
  });
  const answer: RunningEvent = { type: "running", discussions: running, agents: aliveIn(scope) };
  return [reply(scope.re, { ...answer })];
}

function aliveIn(scope: Scope): readonly Alive[] {
  const alive = new Map<string, Alive>();
  for (const [key, { name }] of scope.rows(agents).entries()) {
    const kept = scope.rows(memories).get(key) ?? [];
    const its = alive.get(name) ?? { name, sessions: 0, notes: 0, memoryBytes: 0 };
    const bytes = kept.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    const { sessions, notes, memoryBytes } = its;
    alive.set(name, { name, sessions: sessions + 1, notes: notes + kept.length, memoryBytes: memoryBytes + bytes });
  }
  return [...alive.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A log begins with its question, whoever wrote that. */
function graceOf(opening: Opening): number {
  const opened = opening.type === "question" ? opening.opened : opening.prefix[0];
  return opened?.type === "opened" ? opened.config.graceMs : 0;
}

export function libraryBehaviour({ discussionsMax }: LibrarySettings): Behaviour {
  const open = (_params: unknown, scope: Scope): readonly Command[] => {
    const { discussion, session, opening, roster, model, caller } = read(scope, "open");
    const { re } = scope;
    if (re === undefined) return [];
    const begun = reply(re, { type: "opened" }, "flush");
    if (scope.rows(discussions).has(discussion)) return [begun];
    if (scope.refusing !== undefined) {
      return [refuse(re, { code: "admission.closed", message: "the disk is short of room for a discussion" })];
    }
    if (scope.rows(discussions).size >= discussionsMax) {
      return [refuse(re, { code: "team.busy", message: `${discussionsMax} discussions run already` })];
    }
    const at = address(hostOf(scope.self), "discussion", discussion);
    return [
      spawn("discussion", discussion, { graceMs: graceOf(opening) }),
      tell(
        at,
        toDiscussion({ type: "begin", session, opening: remembered(session, opening, scope), roster, model, caller }),
      ),
      ...called(session, namesIn(opening), scope),
      begun,
    ];
  };
  return behaviour(libraryMachine, { open, remember, noteDeparted, list });
}

/** Those who discuss; who answers by itself has the chat, and a sample is to know nothing of another. */
function namesIn(opening: Opening): readonly string[] {
  const opened = opening.type === "question" ? opening.opened : opening.prefix[0];
  return opened?.type === "opened" && opened.mode === "discuss" ? opened.agents.map(({ name }) => name) : [];
}

/** LY3. Another way of a log begins as that log did. */
function remembered(session: string, opening: Opening, scope: Scope): Opening {
  if (opening.type === "fork") return opening;
  const { opened } = opening;
  const memory = namesIn(opening).flatMap((agent) => {
    const notes = notesFor(scope.rows(memories).get(agentKey(session, agent)) ?? [], opened.label);
    return notes.length === 0 ? [] : [{ agent, notes }];
  });
  return memory.length === 0 ? opening : { ...opening, opened: { ...opened, memory } };
}

/** LY3, LY4. Whoever is not there yet begins. */
function called(session: string, names: readonly string[], scope: Scope): readonly Command[] {
  const rows = scope.rows(agents);
  const missing = names.filter((name) => !rows.has(agentKey(session, name)));
  const crowd = Math.max(0, rows.size + missing.length - AGENTS_MAX);
  const leaving = [...rows.entries()].slice(0, crowd);
  return [
    ...leaving.flatMap(([key, row]) => [del(agents, key), tell(row.address, toAgent({ type: "retire" }))]),
    ...missing.flatMap((name) => {
      const key = agentKey(session, name);
      const id = `${session}-${name}-${scope.serial}`;
      const row = { session, name, address: address(hostOf(scope.self), "agent", id) };
      return [spawn("agent", id, { agent: key }), put(agents, key, row)];
    }),
  ];
}

/** LY3. */
function remember(_params: unknown, scope: Scope): readonly Command[] {
  const { session, kept } = read(scope, "remember");
  const names = kept.map(({ agent }) => agent);
  return [
    ...called(session, names, scope),
    ...kept.map(({ agent, notes }) => {
      const row = scope.rows(agents).get(agentKey(session, agent));
      const at = row?.address ?? address(hostOf(scope.self), "agent", `${session}-${agent}-${scope.serial}`);
      return tell(at, toAgent({ type: "keep", notes }));
    }),
  ];
}

function noteDeparted(_params: unknown, scope: Scope): readonly Command[] {
  const { agent, address: gone } = read(scope, "departed");
  // Its place may be another's by now.
  return scope.rows(agents).get(agent)?.address === gone ? [del(agents, agent)] : [];
}
