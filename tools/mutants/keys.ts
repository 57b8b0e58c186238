/**
 * Mutants of API keys: the guard, the limits, the counting; and of who is told to have asked.
 *
 * @module
 */
import { CALLER, GUARD, KEYS, KEYS_DOOR, NODE_LOG, QUEEN_MODEL, QUOTA, WITNESS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const GUARD_PART = "src/net/guard.ts";
const QUOTA_PART = "machines/rules/quota.ts";
const KEYS_PART = "src/actors/queen/keys.ts";
const ADMISSION_PART = "src/actors/queen/admission.ts";

export const keys: readonly Mutant[] = [
  {
    name: "open-while-there-is-no-key",
    rule: "D5",
    breaks: "a node that others reach serves everybody until the first key is made",
    file: GUARD_PART,
    find: `    if (isNeeded) throw`,
    replace: `    if (isNeeded && (this.#keys?.hashes().size ?? 0) > 0) throw`,
    killers: [GUARD],
  },
  {
    name: "loopback-by-its-beginning",
    rule: "D5",
    breaks: "a name that begins like a loopback address opens the door to everybody",
    file: GUARD_PART,
    find: "127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|",
    replace: "127\\..*|",
    killers: [GUARD],
  },
  {
    name: "revoked-key-passed-over",
    rule: "D6",
    breaks: "on loopback a revoked key works on, uncounted",
    file: GUARD_PART,
    find: `this.#keys?.isOurs(word) === true`,
    replace: `this.#keys?.isOurs(word) === undefined`,
    killers: [GUARD],
  },
  {
    name: "keys-given-over-tcp",
    rule: "KD1",
    breaks: "whoever reaches the door makes keys",
    file: "src/doors/keys.ts",
    find: `  if (local) return;`,
    replace: `  if (local !== undefined) return;`,
    killers: [KEYS_DOOR],
  },
  {
    name: "windows-that-never-end",
    rule: "QU1",
    breaks: "what was used yesterday counts for today",
    file: QUOTA_PART,
    find: `sinceMs < LENGTH_MS[per] && `,
    replace: ``,
    killers: [QUOTA],
  },
  {
    name: "one-more-than-the-limit",
    rule: "QU2",
    breaks: "a key may use more than its limit",
    file: QUOTA_PART,
    find: `if (count < limit.max)`,
    replace: `if (count <= limit.max)`,
    killers: [QUOTA],
  },
  {
    name: "the-shortest-wait-told",
    rule: "QU2",
    breaks: "who is refused comes back too early",
    file: QUOTA_PART,
    find: `other.retryAfterMs - one.retryAfterMs`,
    replace: `one.retryAfterMs - other.retryAfterMs`,
    killers: [QUOTA],
  },
  {
    name: "window-opened-twice",
    rule: "QU3",
    breaks: "a clock that is set back a second gives a whole limit anew",
    file: QUOTA_PART,
    find: `sinceMs > -LENGTH_MS[per]`,
    replace: `sinceMs >= 0`,
    killers: [QUOTA],
  },
  {
    name: "key-id-given-again",
    rule: "AK1",
    breaks: "what an old job took counts for a new key of the same name",
    file: KEYS_PART,
    find: "id: `k${scope.serial}`",
    replace: "id: name",
    killers: [KEYS],
  },
  {
    name: "key-told-before-it-is-kept",
    rule: "AK2",
    breaks: "a key that a person has written down is gone after a crash",
    file: KEYS_PART,
    find: `reply(re, { type: "key.created" }, "flush")`,
    replace: `reply(re, { type: "key.created" })`,
    killers: [KEYS],
  },
  {
    name: "revoked-key-admitted",
    rule: "A4",
    breaks: "a request that was on its way when its key was revoked is admitted, uncounted",
    file: KEYS_PART,
    find: `if (row === undefined) return { code: "request.unauthorized", message: "the key was revoked" };`,
    replace: `if (row === undefined) return undefined;`,
    killers: [KEYS],
  },
  {
    name: "repeats-counted",
    rule: "A3",
    breaks: "two callers who choose one word are given one job",
    file: ADMISSION_PART,
    find: `word === undefined || caller?.key === undefined ? word`,
    replace: `word !== undefined || caller?.key === undefined ? word`,
    killers: [KEYS],
  },
  {
    name: "ended-twice-counted-twice",
    rule: "N6",
    breaks: "a job's end that is told again counts again",
    file: "src/actors/queen/news.ts",
    find: `  if (row === undefined || !isOpen(row)) return [];
  return end({ ...row, state,`,
    replace: `  if (row === undefined) return [];
  return end({ ...row, state,`,
    killers: [KEYS],
  },
  {
    name: "keys-only-while-serving",
    rule: "K5",
    breaks: "a key that leaked cannot be revoked while the node stops",
    file: "machines/queen.ts",
    find: `    "revoke.key": { actions: "revokeKey" },`,
    replace: `    "revoke.key": {},`,
    killers: [QUEEN_MODEL],
  },
  {
    name: "any-name-of-a-request",
    rule: "CA1",
    breaks: "a caller writes what it likes, and as much, into headers and logs",
    file: "src/net/caller.ts",
    find: `REQUEST_ID.test(given) ?`,
    replace: `given !== "" ?`,
    killers: [CALLER],
  },
  {
    name: "trace-of-nobody",
    rule: "CA2",
    breaks: "a trace id of nothing but zeros joins the logs of strangers",
    file: "src/net/caller.ts",
    find: `!isKnown || ZEROS.test(trace)`,
    replace: `!isKnown`,
    killers: [CALLER],
  },
  {
    name: "refused-without-its-key",
    rule: "NL4",
    breaks: "nobody can tell whose requests are refused",
    file: "src/hosts/watching/node-log.ts",
    find: `        ...callerFields(news.caller),`,
    replace: ``,
    killers: [NODE_LOG],
  },
  {
    name: "job-that-nobody-asked-for",
    rule: "JW1",
    breaks: "the end of a job does not say which request it was",
    file: "src/hosts/watching/job-witness.ts",
    find: `this.#open.set(job, { model, operation, label, caller, arrivedMs });`,
    replace: `this.#open.set(job, { model, operation, label, caller: undefined, arrivedMs });`,
    killers: [WITNESS],
  },
];
