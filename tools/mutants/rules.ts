/**
 * Mutants of the rules that machines and actors share: the queue, the fleet, the schedule. Memory: memory-rules.ts.
 *
 * @module
 */
import { FLEET, HEAP, PLACEMENT, QUEUE } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const FLEET_RULE = "machines/rules/fleet.ts";
const HEAP_RULE = "machines/rules/heap.ts";
const QUEUE_RULE = "machines/rules/queue.ts";
const SCHEDULE_RULE = "machines/rules/schedule.ts";

export const rules: readonly Mutant[] = [
  {
    name: "ties-by-the-larger-key",
    rule: "heap",
    breaks: "equals are not ordered by their keys",
    file: HEAP_RULE,
    find: `a.rank === b.rank && a.key < b.key`,
    replace: `a.rank === b.rank && a.key > b.key`,
    killers: [HEAP],
  },
  {
    name: "hole-filled-and-not-sorted",
    rule: "heap",
    breaks: "what fills the place of a deleted key stays there, whatever its rank",
    file: HEAP_RULE,
    find: `    this.#heap[at] = last;
    this.#settle(at);`,
    replace: `    this.#heap[at] = last;
    this.#at.set(last.key, at);`,
    killers: [HEAP],
  },
  {
    name: "last-come-first-served",
    rule: "Q1",
    breaks: "within a priority the last that was admitted is the first that runs",
    file: QUEUE_RULE,
    find: `row.seq + row.priority * PLACES_PER_PRIORITY`,
    replace: `-row.seq + row.priority * PLACES_PER_PRIORITY`,
    killers: [QUEUE],
  },
  {
    name: "priority-inverted",
    rule: "Q2",
    breaks: "the least urgent job comes first",
    file: QUEUE_RULE,
    find: `row.seq + row.priority * PLACES_PER_PRIORITY`,
    replace: `row.seq - row.priority * PLACES_PER_PRIORITY`,
    killers: [QUEUE],
  },
  {
    name: "overtaking-without-a-bound",
    rule: "Q2",
    breaks: "a job waits for ever behind more urgent ones",
    file: QUEUE_RULE,
    find: `row.seq + row.priority * PLACES_PER_PRIORITY`,
    replace: `row.seq + row.priority * 1e9`,
    killers: [QUEUE],
  },
  {
    name: "position-counts-the-less-urgent",
    rule: "Q2",
    breaks: "a job is told that it waits behind those that it overtakes",
    file: QUEUE_RULE,
    find: `counts.slice(0, priority + 1)`,
    replace: `counts.slice(0)`,
    killers: [QUEUE],
  },
  {
    name: "running-jobs-counted-for-ever",
    rule: "Q4",
    breaks: "a job that has ended still counts as running, and a node never comes to rest",
    file: QUEUE_RULE,
    find: `if (row.state === "running") this.#running -= 1;`,
    replace: `if (row.state === "running") this.#running -= 0;`,
    killers: [QUEUE],
  },
  {
    name: "started-job-stays-in-the-queue",
    rule: "Q4",
    breaks: "a job that runs is still the next one",
    file: QUEUE_RULE,
    find: `    queue.heap.delete(key);`,
    replace: ``,
    killers: [QUEUE],
  },
  {
    name: "full-worker-offered",
    rule: "V1",
    breaks: "a worker without a free slot is given a job",
    file: FLEET_RULE,
    find: `row.jobs.length < row.slots`,
    replace: `row.jobs.length <= row.slots`,
    killers: [FLEET],
  },
  {
    name: "stopping-worker-offered",
    rule: "V1",
    breaks: "a worker that is stopping is given a job",
    file: FLEET_RULE,
    find: `const isFree = row.state === "ready" && row`,
    replace: `const isFree = row.state !== "loading" && row`,
    killers: [FLEET],
  },
  {
    name: "busiest-worker-first",
    rule: "V2",
    breaks: "the busiest of the free workers is given the next job",
    file: FLEET_RULE,
    find: `fleet.free.set(key, row.jobs.length)`,
    replace: `fleet.free.set(key, -row.jobs.length)`,
    killers: [FLEET],
  },
  {
    name: "stopping-worker-awaited",
    rule: "V3",
    breaks: "jobs wait for a worker that is stopping, and none is loaded for them",
    file: FLEET_RULE,
    find: `if (row.state !== "stopping") fleet.coming += 1;`,
    replace: `fleet.coming += 1;`,
    killers: [FLEET],
  },
  {
    name: "two-loads-of-one-model",
    rule: "X3",
    breaks: "every job that waits asks for a worker of its own",
    file: SCHEDULE_RULE,
    find: `if (fleet.coming(model) > 0)`,
    replace: `if (fleet.coming(model) > 1)`,
    killers: [PLACEMENT],
  },
];
