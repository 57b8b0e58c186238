/**
 * Which worker has the beginning of a prompt in its cache, as far as the queen has given it there.
 *
 * Owns: what is remembered of placements, and its bound. Does not own: marks and their index
 * (machines/rules/prefix.ts), what a cache is worth (schedule.ts).
 *
 *  AF1 What is remembered is bounded by {@link MARKS_MAX}, some sixteen megabytes: who was given something the longest
 *      time ago is forgotten first.
 *  AF2 A worker that is gone is forgotten with its row.
 *
 * @module
 */
import type { JobRequest } from "../../../machines/request.ts";
import type { WorkerRow } from "../../../machines/rules/fleet.ts";
import { type Holder, marksOf, remembered } from "../../../machines/rules/prefix.ts";
import { type Command, del, put, type Scope } from "../../runtime/behaviour.ts";
import { prefixes, requests } from "./tables.ts";

export const MARKS_MAX = 65_536;

/** In the order in which an engine is given it: what is called, then what was said. */
function* textOf({ tools, messages, prompt }: JobRequest): Iterable<string> {
  if (tools !== undefined) yield JSON.stringify(tools);
  if (prompt !== undefined) yield prompt;
  for (const { role, content, calls = [] } of messages ?? []) {
    yield role;
    yield content;
    for (const call of calls) yield call.arguments;
  }
}

/** Of the jobs that are looked at in one step: each prompt is read once. */
export class PromptMarks {
  readonly #scope: Scope;
  readonly #known = new Map<string, readonly number[]>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  of(job: string): readonly number[] {
    const known = this.#known.get(job);
    if (known !== undefined) return known;
    const request = this.#scope.rows(requests).get(job);
    const marks = request === undefined || request.capability !== "text" ? [] : marksOf(textOf(request));
    this.#known.set(job, marks);
    return marks;
  }

  holders(job: string): readonly Holder[] {
    const rows = this.#scope.rows(prefixes);
    return rows.size === 0 ? [] : rows.index.holders(this.of(job));
  }
}

/** It is given a job with this beginning. AF1. */
export function noteGiven({ id, slots }: WorkerRow, marks: readonly number[], scope: Scope): readonly Command[] {
  if (marks.length === 0) return [];
  const { index } = scope.rows(prefixes);
  const row = remembered(scope.rows(prefixes).get(id) ?? [], marks, slots);
  const oldest = index.size + marks.length > MARKS_MAX ? index.oldest() : undefined;
  return [...(oldest === undefined || oldest === id ? [] : [del(prefixes, oldest)]), put(prefixes, id, row)];
}

/** AF2. */
export const forgetGiven = (worker: string): Command => del(prefixes, worker);
