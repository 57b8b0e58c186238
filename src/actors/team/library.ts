/**
 * The library: its machine, and what each of its actions means.
 *
 * @module
 */
import type { DiscussionEvent, Opening } from "../../../machines/discussion.ts";
import { libraryMachine, type LibraryEvent } from "../../../machines/library.ts";
import { address, hostOf } from "../../../machines/words.ts";
import {
  behaviour,
  type Behaviour,
  type Command,
  refuse,
  reply,
  type Scope,
  spawn,
  tell,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import type { Logged } from "../../../machines/rules/log.ts";
import { discussions, logs } from "./tables.ts";

const read = reader<LibraryEvent>();
const toDiscussion = event<DiscussionEvent>();

export interface LibrarySettings {
  /** Discussions that run at the same time. */
  readonly discussionsMax: number;
}

/** A discussion that runs. */
export interface Runs extends Pick<Logged<"opened">, "request" | "mode" | "at"> {
  readonly discussion: string;
  readonly session: string;
}

export interface RunningEvent {
  readonly type: "running";
  readonly discussions: readonly Runs[];
}

/** LY3. */
function list(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const running = [...scope.rows(discussions).entries()].flatMap(([discussion, { session }]): readonly Runs[] => {
    const opened = scope.rows(logs).index.of(discussion)?.standing.opened;
    return opened === undefined
      ? []
      : [{ discussion, session, request: opened.request, mode: opened.mode, at: opened.at }];
  });
  const answer: RunningEvent = { type: "running", discussions: running };
  return [reply(scope.re, { ...answer })];
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
      tell(at, toDiscussion({ type: "begin", session, opening, roster, model, caller })),
      begun,
    ];
  };
  return behaviour(libraryMachine, { open, list });
}
