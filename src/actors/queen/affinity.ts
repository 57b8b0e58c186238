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
import type { JobRequest } from "../../../machines/queen.ts";
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

function marksFor(job: string, scope: Scope): readonly number[] {
  const request = scope.rows(requests).get(job);
  return request === undefined || request.capability !== "text" ? [] : marksOf(textOf(request));
}

export const holdersFor = (job: string, scope: Scope): readonly Holder[] =>
  scope.rows(prefixes).size === 0 ? [] : scope.rows(prefixes).index.holders(marksFor(job, scope));

/** It is given this job. AF1. */
export function noteGiven({ id, slots }: WorkerRow, job: string, scope: Scope): readonly Command[] {
  const marks = marksFor(job, scope);
  if (marks.length === 0) return [];
  const { index } = scope.rows(prefixes);
  const row = remembered(scope.rows(prefixes).get(id) ?? [], marks, slots);
  const oldest = index.size + marks.length > MARKS_MAX ? index.oldest() : undefined;
  return [...(oldest === undefined || oldest === id ? [] : [del(prefixes, oldest)]), put(prefixes, id, row)];
}

/** AF2. */
export const forgetGiven = (worker: string): Command => del(prefixes, worker);
