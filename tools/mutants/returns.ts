/**
 * Mutants of machines that come back, and of those that leave in order.
 *
 * @module
 */
import { ADMISSION, ADOPTION, DRAINING, JOB_MODEL, MEMBER_LEAVES, MEMBER_SLEEPS, REJOIN, WORKER } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const ADOPTION_PART = "src/actors/queen/adoption.ts";

export const returns: readonly Mutant[] = [
  {
    name: "stale-attempt-adopted",
    rule: "AD1",
    breaks: "a machine that is back speaks for an attempt whose job runs elsewhere by now",
    file: ADOPTION_PART,
    find: `found?.state === "queued" && found.attempt === attempt ?`,
    replace: `found?.state === "queued" ?`,
    killers: [ADOPTION],
  },
  {
    name: "adopted-worker-takes-more",
    rule: "AD2",
    breaks: "a worker takes jobs beside a run that nobody reads",
    file: ADOPTION_PART,
    find: `const isWhole = waiting.length === lost.runs.length && `,
    replace: `const isWhole = `,
    killers: [ADOPTION],
  },
  {
    name: "given-up-for-ever",
    rule: "AD3",
    breaks: "what a machine once ran is taken for what it runs, each time it comes",
    file: "src/actors/queen/inventories.ts",
    find: `  commands.push(...forgetRuns(hive, scope));\n`,
    replace: ``,
    killers: [ADOPTION],
  },
  {
    name: "adopted-attempt-begun-anew",
    rule: "WB2",
    breaks: "an attempt that its worker does not know is begun twice under one number",
    file: "src/actors/worker/behaviour.ts",
    find: `if (isUnderWay === true)\n`,
    replace: `if (isUnderWay === undefined)\n`,
    killers: [WORKER],
  },
  {
    name: "adopted-attempt-unsaid",
    rule: "S9",
    breaks: "what an attempt said while its machine was thought lost is not asked for again",
    file: "src/net/streams.ts",
    find: `    this.#options.resume?.({`,
    replace: `    if (chunks.length < 0) this.#options.resume?.({`,
    killers: [REJOIN],
  },
  {
    name: "older-attempt-goes-on",
    rule: "J9",
    breaks: "an attempt that is not the job's last runs again",
    file: "machines/job.ts",
    find: `adopted: { guard: "isCurrent", target: "running" },`,
    replace: `adopted: { target: "running" },`,
    killers: [JOB_MODEL],
  },
  {
    name: "listed-in-other-words",
    rule: "MH3",
    breaks: "a drained machine is listed as one that serves",
    file: "src/hosts/seats/machines-seat.ts",
    find: `state: hive.state,`,
    replace: `state: hive.state === "away" ? "away" : "serving",`,
    killers: ["test/unit/hosts/seats/machines-seat.test.ts"],
  },
  {
    name: "leaving-machine-given-more",
    rule: "DR4",
    breaks: "a machine that is about to go is given models until it has gone",
    file: "src/actors/queen/candidates.ts",
    find: `isDraining: row.isDraining || row.isLeaving,`,
    replace: ``,
    killers: [DRAINING],
  },
  {
    name: "leaves-for-ever",
    rule: "DR4",
    breaks: "a machine that once stopped in order is given nothing when it is back",
    file: "src/actors/queen/members.ts",
    find: `{ ...fresh, ...known, name, isLeaving: false }`,
    replace: `{ ...fresh, ...known, name }`,
    killers: [DRAINING],
  },
  {
    name: "runs-for-nobody",
    rule: "A6",
    breaks: "a node that comes back works for clients that are gone",
    file: "src/actors/queen/admission.ts",
    find: `    isAwaited === true ? [tell(`,
    replace: `    isAwaited === null ? [tell(`,
    killers: [ADMISSION],
  },
  {
    name: "goes-without-a-word",
    rule: "LN7",
    breaks: "a machine that is about to go is given work until it is gone",
    file: "src/hosts/cluster/member-side.ts",
    find: `    this.#isLeaving = true;
    this.#say({ kind: "leaving" });`,
    replace: `    this.#isLeaving = true;`,
    killers: [MEMBER_LEAVES],
    mayHang: true,
  },
  {
    name: "goes-at-the-first-word",
    rule: "MN7",
    breaks: "what a machine works on begins anew elsewhere when it is told to stop",
    file: "src/hosts/member-node.ts",
    find: `if (!this.#links.side.leave()) return;`,
    replace: `if (this.#links.side.leave()) return;`,
    killers: [MEMBER_LEAVES],
    mayHang: true,
  },
  {
    name: "sleeps-without-a-word",
    rule: "MN8",
    breaks: "a laptop goes to sleep in the middle of an answer and its queen waits for it",
    file: "src/hosts/real/sleep.ts",
    find: `if (isNamed && value === "true") void this.#about();`,
    replace: ``,
    killers: [MEMBER_SLEEPS],
    mayHang: true,
  },
  {
    name: "sleep-held-up-for-ever",
    rule: "SL1",
    breaks: "the machine does not sleep before the system loses its patience",
    file: "src/hosts/real/sleep.ts",
    find: `pause(ABOUT_MS, undefined, { ref: false })]);
    this.#letGo();`,
    replace: `pause(ABOUT_MS, undefined, { ref: false })]);`,
    killers: [MEMBER_SLEEPS],
    mayHang: true,
  },
];
