/**
 * Admission: a request becomes a job, or is refused at once.
 *
 * Owns: the bound of the queue, idempotency keys, what a job starts with, cancel. Does not own: when it runs.
 *
 *  A1 The queue never holds more than its bounds, in jobs and in bytes: a full one refuses, it never admits and drops
 *     (RJ7).
 *  A2 The accept leaves after the flush (RM10), unless nobody will ever hear of it: isAwaited.
 *  A3 The same idempotency key of the same caller is the same job for as long as its row is kept, and counts once.
 *  A4 Who has used what its key allows is refused with the time to wait, and so is a key that was revoked meanwhile.
 *  A5 A job that could not even be begun in its time is refused at once (deadline.ts).
 *  A6 A job that somebody waited for on a connection, with no word of their own, ends when the node begins anew: they
 *      are gone, and never heard of it.
 *  A7 A discussion is a party of its own among those that wait, whoever asked for it; other jobs are of their API
 *      key's, and those without one are one together: nobody waits for all that another has sent (TL9).
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { JobRequest } from "../../../machines/request.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import { sizeText } from "../../../machines/rules/sizes.ts";
import { address, type Address, type Caller, hostOf } from "../../../machines/words.ts";
import type { JobEvent } from "../../../machines/job.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import {
  type Command,
  put,
  raise,
  refuse,
  reply,
  type Scope,
  type Shortage,
  spawn,
  tell,
  watch,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { tooLate } from "./deadline.ts";
import { historyBegun } from "./history.ts";
import { counted, jobFor, refusalFor } from "./keys.ts";
import { pinTo } from "./pins.ts";
import { barred } from "./privacy.ts";
import type { QueenSettings } from "./settings.ts";
import { jobs, keys, requests } from "./tables.ts";
import { noJob } from "./views.ts";

const read = reader<QueenEvent>();
const toJob = event<JobEvent>();
const toSelf = event<QueenEvent>();

export interface Accepted {
  readonly type: "accepted";
  readonly job: string;
  readonly state: JobRow["state"];
  readonly position: number;
}

/** Requests of jobs that have not ended: they stand in memory. */
export const OPEN_BYTES_MAX = 256 * 2 ** 20;

const tooFull = (shortage: Shortage): ErrorData => {
  const { freeBytes, headroomBytes } = shortage;
  const kept = `${sizeText(headroomBytes)} are kept back to finish what was accepted`;
  const message = `${sizeText(freeBytes)} of disk is left, and ${kept}`;
  return { code: "disk.full", message, details: { ...shortage } };
};

/** How long a client should wait when the queue is full: a guess from its length, at least a second. */
const retryAfterMs = (queued: number): number => Math.min(60_000, 1000 + queued * 20);

export const admit =
  (settings: QueenSettings) =>
  (_params: unknown, scope: Scope): readonly Command[] => {
    const { request, caller } = read(scope, "submit");
    const { re } = scope;
    if (re === undefined) return [];
    const queue = scope.rows(jobs).index;
    const earlier = earlierOf(request, caller, scope);
    if (earlier !== undefined) {
      return [reply(re, accepted(earlier, queue.ahead(earlier)), "flush")];
    }
    const { model = settings.defaultModel, label, priority } = request;
    const bar = barred({ model, label }, settings);
    if (bar !== undefined) return [refuse(re, bar)];
    const pin = pinTo(request.node, scope);
    if ("error" in pin) return [refuse(re, pin.error)];
    if (scope.refusing !== undefined) return [refuse(re, tooFull(scope.refusing))];
    const refusal = refusalFor(caller?.key, scope);
    if (refusal !== undefined) return [refuse(re, refusal)];
    if (queue.queued >= settings.queueLengthMax) {
      const details = { queued: queue.queued, max: settings.queueLengthMax, retryAfterMs: retryAfterMs(queue.queued) };
      return [refuse(re, { code: "queue.full", message: `${queue.queued} jobs wait already`, details })];
    }
    const requestBytes = bytesOf(request);
    if (queue.openBytes + requestBytes > OPEN_BYTES_MAX) {
      const details = {
        openBytes: queue.openBytes,
        maxBytes: OPEN_BYTES_MAX,
        retryAfterMs: retryAfterMs(queue.queued),
      };
      const message = `requests of ${queue.openBytes} bytes wait already`;
      return [refuse(re, { code: "queue.full", message, details })];
    }
    const { deadlineMs = settings.jobDeadlineMs } = request;
    const late = tooLate({ model, priority, ...partyOf(request, caller), ...pin }, deadlineMs, scope);
    return late === undefined ? enter(settings, scope, re, requestBytes, pin.node) : [refuse(re, late)];
  };

/** A3: nobody is given somebody else's job for the word that both chose. */
const ownKey = ({ idempotencyKey: word }: JobRequest, caller: Caller | undefined): string | undefined =>
  word === undefined || caller?.key === undefined ? word : `${caller.key} ${word}`;

/** A7. */
const partyOf = ({ party }: JobRequest, caller: Caller | undefined): Pick<JobRow, "party"> => {
  const name = party ?? caller?.key;
  return name === undefined ? {} : { party: name };
};

function earlierOf(request: JobRequest, caller: Caller | undefined, scope: Scope): JobRow | undefined {
  const key = ownKey(request, caller);
  const known = key === undefined ? undefined : scope.rows(keys).get(key);
  return known === undefined ? undefined : scope.rows(jobs).get(known);
}

/** Two bytes a character, as strings may take them. */
function bytesOf({ prompt = "", messages = [], input = [], jsonSchema, stops = [], tools }: JobRequest): number {
  const said = messages.flatMap(({ content, calls = [] }) => [content, ...calls.map((call) => call.arguments)]);
  const documents = [jsonSchema, tools].map((document) => JSON.stringify(document) ?? "");
  return 2 * [prompt, ...said, ...input, ...stops, ...documents].reduce((sum, text) => sum + text.length, 0);
}

function enter(
  settings: QueenSettings,
  scope: Scope,
  re: NonNullable<Scope["re"]>,
  requestBytes: number,
  node: Address | undefined,
): readonly Command[] {
  const { request, caller } = read(scope, "submit");
  const id = `j${scope.serial}`;
  const idempotencyKey = ownKey(request, caller);
  const row: JobRow = {
    id,
    seq: scope.serial,
    requestBytes,
    model: request.model ?? settings.defaultModel,
    capability: request.capability,
    priority: request.priority,
    label: request.label,
    state: "queued",
    attempt: 0,
    worker: undefined,
    why: "",
    admittedAt: scope.at,
    startedAt: undefined,
    endedAt: undefined,
    idempotencyKey,
    usage: undefined,
    failure: undefined,
    ...(node === undefined ? {} : { node }),
    ...(caller === undefined ? {} : { caller }),
    ...partyOf(request, caller),
  };
  const position = scope.rows(jobs).index.ahead(row);
  const deadlineMs = request.deadlineMs ?? settings.jobDeadlineMs;
  return [
    put(jobs, id, row),
    put(requests, id, request),
    ...historyBegun(id, position),
    ...(idempotencyKey === undefined ? [] : [put(keys, idempotencyKey, id)]),
    ...counted(caller?.key, { requests: 1 }, scope),
    spawn("job", id, { deadlineMs, attemptsMax: settings.attemptsMax, ...(request.isOnce ? { isOnce: true } : {}) }),
    watch(address(hostOf(scope.self), "job", id)),
    reply(re, accepted(row, position), request.isAwaited === true ? "commit" : "flush"),
    raise(toSelf({ type: "place", model: row.model })),
  ];
}

const accepted = (row: JobRow, position: number): Accepted => ({
  type: "accepted",
  job: row.id,
  state: row.state,
  position,
});

/** A6. Of a job that has ended no request is kept. */
export const endAwaited = (_params: unknown, scope: Scope): readonly Command[] =>
  [...scope.rows(requests).entries()].flatMap(([id, { isAwaited }]) =>
    isAwaited === true ? [tell(address(hostOf(scope.self), "job", id), toJob(UNAWAITED), "control")] : [],
  );

const UNAWAITED: JobEvent = {
  type: "cancel",
  message: "whoever waited for it on a connection was gone when the node began anew",
};

/** By its id, or by the word that it was asked for with. */
export function cancelJob(_params: unknown, scope: Scope): readonly Command[] {
  const asked = read(scope, "cancel");
  const { re } = scope;
  const named = scope.rows(keys).get(asked.key === undefined ? asked.job : `${asked.key} ${asked.job}`);
  const row = jobFor(asked, scope) ?? (named === undefined ? undefined : jobFor({ ...asked, job: named }, scope));
  if (row === undefined) return re === undefined ? [] : [refuse(re, noJob(asked.job))];
  const open = row.state === "queued" || row.state === "running";
  return [
    ...(open ? [tell(address(hostOf(scope.self), "job", row.id), toJob({ type: "cancel" }), "control")] : []),
    ...(re === undefined ? [] : [reply(re, { type: "cancelling" })]),
  ];
}
