/**
 * An agent of a session: its machine, and what each of its actions means.
 *
 * @module
 */
import { type AgentEvent, type AgentInput, agentMachine } from "../../../machines/agent.ts";
import type { LibraryEvent } from "../../../machines/library.ts";
import { keptWith } from "../../../machines/rules/notes.ts";
import { address, hostOf } from "../../../machines/words.ts";
import { behaviour, type Behaviour, type Command, del, put, type Scope, tell } from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { memories } from "./tables.ts";

const read = reader<AgentEvent>();
const toLibrary = event<LibraryEvent>();

const keep = ({ agent }: AgentInput, scope: Scope): readonly Command[] => [
  put(memories, agent, keptWith(scope.rows(memories).get(agent) ?? [], read(scope, "keep").notes)),
];

/** AG1, AG3. */
const depart = ({ agent }: AgentInput, scope: Scope): readonly Command[] => [
  del(memories, agent),
  tell(address(hostOf(scope.self), "library", "main"), toLibrary({ type: "departed", agent, address: scope.self })),
];

export const agentBehaviour = (settings: { readonly ttlMs: number }): Behaviour =>
  behaviour(agentMachine.provide({ delays: { ttlMs: settings.ttlMs } }), { keep, depart });
