/**
 * Mutants of hives on other machines: their seats, their leases, their loads and what their workers say.
 *
 * @module
 */
import { CHOOSE_HIVE, HIVE_MODEL, INVENTORIES, MEMBER_MODEL, MEMBERS, REJOIN, RELAY, WORKER } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const MEMBER = "machines/member.ts";
const HIVE = "machines/hive.ts";
const MEMBERS_PART = "src/actors/queen/members.ts";
const RELAY_PART = "src/net/relay.ts";
const STREAMS = "src/net/streams.ts";

export const afar: readonly Mutant[] = [
  {
    name: "silent-hive-given-up-at-once-after-a-restart",
    rule: "M1",
    breaks: "a queen that comes back throws away what runs on a hive that is on its way to her",
    file: MEMBER,
    find: `restored: { target: "expected", actions: assign({ link: 0, message: "it did not come back" }) },`,
    replace: `restored: { target: "lost", actions: assign({ link: 0, message: "it did not come back" }) },`,
    killers: [MEMBER_MODEL],
  },
  {
    name: "lease-not-renewed",
    rule: "M2",
    breaks: "a hive lets go of its work in the middle of a good link",
    file: MEMBER,
    find: `after: { renewMs: { target: "granted", reenter: true } },`,
    replace: ``,
    killers: [MEMBER_MODEL],
  },
  {
    name: "quick-return-unseen",
    rule: "M3",
    breaks: "a hive that restarted behind a short break is not asked what it still has",
    file: MEMBER,
    find: `entry: ["announcePresent"],`,
    replace: ``,
    killers: [MEMBER_MODEL],
  },
  {
    name: "old-break-believed",
    rule: "M4",
    breaks: "late news of an earlier link makes a hive doubted that is there",
    file: MEMBER,
    find: `          guard: "isCurrent",
`,
    replace: ``,
    killers: [MEMBER_MODEL],
  },
  {
    name: "lease-without-end",
    rule: "H6",
    breaks: "workers run on for a queen that nobody hears of any more",
    file: HIVE,
    find: `leased: { after: { lease: "#hive.adrift" } },`,
    replace: `leased: {},`,
    killers: [HIVE_MODEL],
  },
  {
    name: "adrift-for-ever",
    rule: "H6",
    breaks: "a hive that let go never works for its queen again",
    file: HIVE,
    find: `lease: { guard: "isNew", target: "serving.leased", actions: assign(({ event }) => leaseOf(event)) },`,
    replace: `lease: {},`,
    killers: [HIVE_MODEL],
  },
  {
    name: "refuser-asked-again",
    rule: "CH1",
    breaks: "a load goes round and round at the one machine that has no room for it",
    file: "machines/rules/choose-hive.ts",
    find: `if (!hive.isPresent || tried.includes(hive.address)) continue;`,
    replace: `if (!hive.isPresent) continue;`,
    killers: [CHOOSE_HIVE],
  },
  {
    name: "one-no-is-enough",
    rule: "LO3",
    breaks: "jobs fail for want of room on one machine while another has plenty",
    file: "src/actors/queen/loading.ts",
    find: `  if (hive === undefined) return undefined;
  const moved`,
    replace: `  if (hive !== undefined) return undefined;
  const moved`,
    killers: [MEMBERS],
  },
  {
    name: "given-up-and-still-counted-on",
    rule: "ME2",
    breaks: "jobs wait for the workers of a machine that is gone",
    file: MEMBERS_PART,
    find: `commands.push(drop("load", id), ...lose(id, why, scope));`,
    replace: `commands.push(drop("load", id));`,
    killers: [MEMBERS],
  },
  {
    name: "drain-waits-for-the-absent",
    rule: "C3",
    breaks: "a node that stops waits for a machine that is not there",
    file: "src/actors/queen/cascade.ts",
    find: `stopped || !isPresent;`,
    replace: `stopped;`,
    killers: [MEMBERS],
  },
  {
    name: "stranger-adopted",
    rule: "C6",
    breaks: "a worker that was given up takes jobs beside what it still runs of its old ones",
    file: "src/actors/queen/inventories.ts",
    find: `const isHers = hiveRow.isLocal || `,
    replace: `const isHers = hiveRow.known || `,
    killers: [INVENTORIES],
  },
  {
    name: "chunk-lost-with-the-link",
    rule: "RE1",
    breaks: "what was on its way when the link broke is never said again",
    file: RELAY_PART,
    find: `for (const chunk of run.kept) if (chunk.index >= next) this.#events.send(worker, chunk);`,
    replace: `for (const chunk of run.kept) if (chunk.index < 0) this.#events.send(worker, chunk);`,
    killers: [RELAY],
  },
  {
    name: "said-before-it-is-known-where",
    rule: "RE1",
    breaks: "what a worker says behind a broken link is taken for a gap",
    file: RELAY_PART,
    find: `if (this.#isLinked) this.#events.send(worker, chunk);`,
    replace: `this.#events.send(worker, chunk);`,
    killers: [RELAY],
  },
  {
    name: "credit-lost-with-the-link",
    rule: "RE3",
    breaks: "a worker waits for ever for a reader who has read",
    file: RELAY_PART,
    find: `if (taken > 0) this.#events.credit(`,
    replace: `if (taken < 0) this.#events.credit(`,
    killers: [RELAY],
  },
  {
    name: "recalled-attempt-heard",
    rule: "S7",
    breaks: "an attempt says more to a reader after its text was given to the next one",
    file: STREAMS,
    find: `if (spool.running || spool.recalled) return;`,
    replace: `if (spool.running) return;`,
    killers: [REJOIN],
  },
  {
    name: "adopted-attempt-unheard",
    rule: "S7",
    breaks: "what a worker elsewhere said while the queen restarted is thrown away",
    file: STREAMS,
    find: `if (attempt === spool.attempt) return this.#rejoin(spool, worker);`,
    replace: `if (attempt === spool.attempt) return;`,
    killers: [REJOIN],
  },
  {
    name: "failed-attempt-run-again",
    rule: "WB1",
    breaks: "an attempt says other words under the numbers of those that were read",
    file: "src/actors/worker/behaviour.ts",
    find: `return [del(runs, key), ...endedWith(key, re, { ok: false, error }, scope)];`,
    replace: `return [del(runs, key), refuse(re, error)];`,
    killers: [WORKER],
  },
];
