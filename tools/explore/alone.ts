/**
 * One machine by itself, with every event of a small domain and every armed timer in every state it can reach.
 *
 * The domains, and where an event cannot arrive, are those of the walks in test/model, which hold each machine to the
 * rules in its file; here it is held to one: no event finds a state that does not name it.
 *
 * @module
 */
import type { AnyStateMachine } from "xstate";
import { downloadMachine } from "../../machines/download.ts";
import { hiveMachine } from "../../machines/hive.ts";
import { jobMachine } from "../../machines/job.ts";
import { processMachine } from "../../machines/process.ts";
import { queenMachine } from "../../machines/queen.ts";
import { workerMachine } from "../../machines/worker.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import * as domain from "../../test/support/machine-events.ts";
import { born, folded, type Moment, stateOf } from "../../test/support/run-machine.ts";
import type { Explored } from "./search.ts";

export interface Alone {
  readonly name: string;
  readonly about: string;
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  readonly events: readonly Message[];
  /** States where an event cannot arrive. */
  readonly impossible: Readonly<Record<string, readonly string[]>>;
  /** Where numbers have grown beyond what is of interest. */
  readonly isFar: (context: unknown) => boolean;
}

const never = (): boolean => false;
const EPOCHS = 3;

const alone = (machine: AnyStateMachine, given: Omit<Alone, "name" | "about" | "machine">): Alone => ({
  name: `${machine.id}-alone`,
  about: `every history of a ${machine.id}`,
  machine,
  ...given,
});

const { eventsOf, statesOf } = domain;

export const machinesAlone: readonly Alone[] = [
  alone(jobMachine, {
    input: { deadlineMs: 1, attemptsMax: 2 },
    events: eventsOf(domain.jobSamples),
    impossible: statesOf(domain.jobImpossible),
    isFar: never,
  }),
  alone(workerMachine, {
    input: {},
    events: eventsOf(domain.workerSamples),
    impossible: statesOf(domain.workerImpossible),
    isFar: never,
  }),
  alone(downloadMachine, {
    input: {},
    events: eventsOf(domain.downloadSamples),
    impossible: statesOf(domain.downloadImpossible),
    isFar: never,
  }),
  alone(processMachine, {
    input: {},
    events: eventsOf(domain.processSamples),
    impossible: statesOf(domain.processImpossible),
    isFar: never,
  }),
  alone(hiveMachine, {
    input: {},
    events: eventsOf(domain.hiveSamples),
    impossible: statesOf(domain.hiveImpossible),
    isFar: never,
  }),
  alone(queenMachine, {
    input: {},
    events: eventsOf(domain.queenSamples),
    impossible: {},
    isFar: (context) => (context as { readonly epoch: number }).epoch >= EPOCHS,
  }),
];

interface Met {
  readonly moment: Moment;
  readonly depth: number;
  readonly before: Met | undefined;
  readonly by: string;
}

export function exploreAlone(given: Alone, now: () => number): Explored {
  const { machine, input, events, impossible, isFar } = given;
  const startedMs = now();
  const first: Met = { moment: born(machine, input).after, depth: 0, before: undefined, by: "" };
  const seen = new Set([keyOf(first.moment)]);
  const open = [first];
  let transitions = 0;
  let complete = 0;
  let broken: Explored["broken"];
  for (const at of open) {
    if (at.moment.snapshot.status === "done") complete += 1;
    if (at.moment.snapshot.status === "done" || isFar(at.moment.snapshot.context) || broken !== undefined) continue;
    for (const { event, from, by } of next(at.moment, events)) {
      transitions += 1;
      const { after, named } = folded(machine, from, event);
      const met: Met = { moment: after, depth: at.depth + 1, before: at, by };
      if (!named && impossible[event.type]?.includes(stateOf(from)) !== true) {
        broken ??= { rule: `${event.type}: no state names it in ${stateOf(from)}`, path: pathTo(met) };
      }
      const key = keyOf(after);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(met);
    }
  }
  const depth = open.at(-1)?.depth ?? 0;
  const seconds = (now() - startedMs) / 1000;
  return { states: seen.size, transitions, depth, seconds, isWhole: true, beyond: 0, complete, broken };
}

function next(moment: Moment, events: readonly Message[]) {
  const told = events.map((event) => ({ event, from: moment, by: event.type }));
  const passed = [...moment.timers].map(([id, { event }]) => {
    const timers = new Map(moment.timers);
    timers.delete(id);
    return { event, from: { ...moment, timers }, by: `${id} has passed` };
  });
  return [...told, ...passed];
}

const keyOf = ({ snapshot, timers }: Moment): string =>
  JSON.stringify([snapshot.value, snapshot.context, [...timers.keys()].toSorted()]);

const pathTo = (met: Met): readonly string[] =>
  met.before === undefined ? [] : [...pathTo(met.before), `${met.by}  [${stateOf(met.moment)}]`];
