/**
 * API keys: who may come, what each has used, and who has used enough.
 *
 * Owns: making, telling and revoking keys, and counting. Does not own: the sums (machines/rules/quota.ts), looking at
 * what a request carries (src/net/guard.ts), or any key: only hashes come here.
 *
 *  AK1 A name is given to one key at a time; the id of a key is never given again, so that what an old job took does
 *      not count for another key of the same name.
 *  AK2 Made and revoked is said when the disk has it.
 *  AK3 A job of a key that was revoked runs on, and counts for nobody.
 *  AK4 Who asks with a key knows of the jobs that came with it; any other is as one that never was. So it is with a
 *      machine of the cluster, which needs no key and has no limit. Who comes without one, as only the queen's own
 *      machine can, knows of all.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { JobAsked } from "../../../machines/request.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import { type KeyRow, newKey, type Usage, usedUp, type UsedUp, withUse } from "../../../machines/rules/quota.ts";
import { isMachinesKey } from "../../../machines/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { type Command, del, put, refuse, reply, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { apiKeys, jobs } from "./tables.ts";

const read = reader<QueenEvent>();

/** The guard compares what it is given with each of them. */
export const KEYS_MAX = 256;

export interface KeysEvent {
  readonly type: "keys.told";
  readonly at: number;
  readonly keys: readonly KeyRow[];
}

export function answerKeys(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const told: KeysEvent = {
    type: "keys.told",
    at: scope.at,
    keys: [...scope.rows(apiKeys).entries()].map(([, row]) => row),
  };
  return [reply(scope.re, told)];
}

export function createKey(_params: unknown, scope: Scope): readonly Command[] {
  const { name, hash, limits } = read(scope, "create.key");
  const { re } = scope;
  if (re === undefined) return [];
  if (named(name, scope) !== undefined) {
    return [refuse(re, { code: "key.taken", message: `there is a key ${name} already` })];
  }
  if (scope.rows(apiKeys).size >= KEYS_MAX) {
    return [refuse(re, { code: "key.many", message: `there are ${KEYS_MAX} keys already` })];
  }
  const row = newKey({ id: `k${scope.serial}`, name, hash, limits }, scope.at);
  return [put(apiKeys, row.id, row), reply(re, { type: "key.created" }, "flush")];
}

export function revokeKey(_params: unknown, scope: Scope): readonly Command[] {
  const { name } = read(scope, "revoke.key");
  const { re } = scope;
  if (re === undefined) return [];
  const row = named(name, scope);
  if (row === undefined) return [refuse(re, { code: "request.not.found", message: `there is no key ${name}` })];
  return [del(apiKeys, row.id), reply(re, { type: "key.revoked" }, "flush")];
}

const named = (name: string, scope: Scope): KeyRow | undefined =>
  [...scope.rows(apiKeys).entries()].find(([, row]) => row.name === name)?.[1];

/** AK4. */
export function jobFor({ job, key }: JobAsked, scope: Scope): JobRow | undefined {
  const row = scope.rows(jobs).get(job);
  return key === undefined || row?.caller?.key === key ? row : undefined;
}

/** Why a request that came with this key is not admitted. */
export function refusalFor(id: string | undefined, scope: Scope): ErrorData | undefined {
  if (id === undefined || isMachinesKey(id)) return undefined;
  const row = scope.rows(apiKeys).get(id);
  if (row === undefined) return { code: "request.unauthorized", message: "the key was revoked" };
  const reached = usedUp(row, scope.at);
  return reached && quotaExceeded(row.name, reached);
}

function quotaExceeded(name: string, { limit: { max, of, per }, used, retryAfterMs }: UsedUp): ErrorData {
  const message = `the key ${name} may use ${max} ${of} a ${per} and has used ${used}`;
  return { code: "quota.exceeded", message, details: { used, max, limit: `${of}/${per}`, retryAfterMs } };
}

/** Written for the key, if it is still one. */
export function counted(id: string | undefined, use: Partial<Usage>, scope: Scope): readonly Command[] {
  const row = id === undefined ? undefined : scope.rows(apiKeys).get(id);
  return row === undefined ? [] : [put(apiKeys, row.id, withUse(row, use, scope.at))];
}
