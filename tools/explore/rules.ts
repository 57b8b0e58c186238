/**
 * What must hold: in every turn of a host, in every state, and when nothing is left to do.
 *
 * @module
 */
import type { Message } from "../../src/runtime/envelope.ts";
import { type Facts, factsOf, shortName, stateName } from "./facts.ts";
import type { Image } from "./host-image.ts";
import type { TurnRule } from "./host-steps.ts";
import type { Rules } from "./search.ts";
import type { Standing } from "./surroundings.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

/** What the kernel says passes unseen where nobody names it. */
const KERNEL = ["restored", "terminated", "ask.dropped"];

/** No step throws, and no event comes that its machine does not name. */
const nothingUnhandled: TurnRule = (_before, _after, heard) => {
  const wrong = heard.find(
    ({ outcome, event }) => outcome === "threw" || (outcome === "unhandled" && !KERNEL.includes(event.type)),
  );
  return wrong === undefined ? undefined : `${wrong.event.type} at ${shortName(wrong.cell)}: ${wrong.outcome}`;
};

const ORDER = ["unborn", "loading", "idle", "busy", "failed", "draining", "stopping", "stopped"];

/** RL1: no way leads back, except from busy to idle. */
const workersGoOneWay: TurnRule = (before, after) => {
  const was = stateOfKind(before, "worker");
  const is = stateOfKind(after, "worker");
  if (was === undefined || is === undefined || (was === "busy" && is === "idle")) return undefined;
  return ORDER.indexOf(is) >= ORDER.indexOf(was) ? undefined : `RL1: a worker went from ${was} to ${is}`;
};

const stateOfKind = ({ cells }: Image, kind: string): string | undefined => {
  const cell = cells.find((each) => each.kind === kind);
  return cell === undefined ? undefined : stateName(cell.value);
};

/** RS4: whoever drains accepts nothing, and neither does who has stopped. */
const drainAdmitsNothing: TurnRule = (before, _after, _heard, sent) => {
  const state = stateOfKind(before, "queen") ?? "";
  if (!state.startsWith("draining") && state !== "stopped") return undefined;
  const accepts = sent.some(
    ({ frame }) => frame.kind === "answer" && frame.result.ok && frame.result.event.type === "accepted",
  );
  return accepts ? `RS4: a job was accepted while she was ${state}` : undefined;
};

/** RL3: who watches hears of an end once, and of no end that is none. */
const endsAreToldOnce: TurnRule = (_before, after, heard) => {
  const ends = heard.flatMap(({ event }) =>
    event.type === "terminated" ? [(event as Message & { readonly address: string }).address] : [],
  );
  const twice = ends.find((address, i) => ends.indexOf(address) !== i);
  if (twice !== undefined) return `RL3: the end of ${shortName(twice)} was told twice`;
  const living = ends.find((address) => after.cells.some((cell) => cell.address === address));
  return living === undefined ? undefined : `RL3: the end of ${shortName(living)} was told, and it lives`;
};

/** RJ4 in the machine, and in the queen's books. */
const slotsAreEnough: TurnRule = (_before, after) => {
  const { running, slots, workers } = factsOf(after);
  if (running.length > slots) return `RJ4: ${running.length} runs in ${slots} slots`;
  const full = workers.find(
    (row) => row.jobs.length > Math.max(row.slots, row.state === "ready" ? 0 : row.jobs.length),
  );
  return full === undefined
    ? undefined
    : `RJ4: ${full.id} was given ${full.jobs.length} jobs, and has ${full.slots} slots`;
};

export const turnRules: readonly TurnRule[] = [
  nothingUnhandled,
  workersGoOneWay,
  drainAdmitsNothing,
  endsAreToldOnce,
  slotsAreEnough,
];

const mayLive = (now: Standing | undefined): boolean => now !== undefined && now !== "gone";

const EMPTY: Facts["members"] = [];

const membersOf = (world: World, state: State): Facts["members"] =>
  world.hosts.flatMap(({ id, root }) => (root === "hive" ? (world.facts(state, id)?.members ?? EMPTY) : EMPTY));

function always(world: World, state: State): string | undefined {
  const { processes, streams } = world.env(state);
  const members = membersOf(world, state);
  for (const token in processes) {
    if (mayLive(processes[token]) && !members.some(({ worker }) => worker === token))
      return `RJ3: the process of ${token} may live, and nothing is booked for it`;
  }
  for (const job in streams) {
    const ends = streams[job]?.ends ?? [];
    if (ends.length > 1) return `RJ1: ${job} ended as ${ends.join(" and as ")}`;
  }
  return runsOnce(world, state);
}

/** RC2, RJ2: no attempt is worked on twice. */
function runsOnce(world: World, state: State): string | undefined {
  const seen = new Set<string>();
  for (const { id, root } of world.hosts) {
    const facts = root === "worker" ? world.facts(state, id) : undefined;
    for (const run of facts?.runs ?? []) {
      if (seen.has(run)) return `RJ2: ${run} is worked on twice`;
      seen.add(run);
    }
  }
  return undefined;
}

const ENDED = ["done", "failed", "cancelled"];

/** What is still owed to anybody; undefined at rest. */
function owed(world: World, state: State): string | undefined {
  if (!world.isSilent(state)) return "something is under way";
  const { drain, accepted } = world.env(state);
  const queen = world.facts(state, "queen");
  const phase = queen?.cells.get("queen");
  if (queen === undefined || (phase !== "serving" && phase !== "stopped")) return `the queen is ${phase}`;
  if (drain === "asked" || drain === "lost") return "whoever asked the node to stop waits";
  if (drain === "answered" && phase !== "stopped") return "she told that she has stopped, and serves";
  const lost = accepted.find((job) => !queen.jobs.some(({ id }) => id === job));
  if (lost !== undefined) return `RJ1: ${lost} was accepted, and nobody knows it`;
  return (
    owedToWorkers(world, state, queen, phase === "stopped") ?? owedToJobs(world, state, queen, phase === "stopped")
  );
}

function owedToWorkers(world: World, state: State, queen: Facts, isStopped: boolean): string | undefined {
  const members = membersOf(world, state);
  const { processes } = world.env(state);
  for (const [token, now] of Object.entries(processes)) {
    if (now === "gone") continue;
    if (isStopped) return `RS1: the queen has stopped, and the process of ${token} is ${now}`;
    const place = world.facts(state, token)?.cells.get("worker") ?? "not there";
    if (now !== "up" || place !== "idle") return `the process of ${token} is ${now}, its worker ${place}`;
    if (members.find(({ worker }) => worker === token)?.state !== "ready")
      return `its hive does not know that ${token} is ready`;
    if (queen.workers.find(({ id }) => id === token)?.state !== "ready")
      return `the queen does not know that ${token} is ready`;
  }
  const empty = members.find(({ worker }) => (processes[worker] ?? "gone") === "gone");
  if (empty !== undefined) return `RJ3: memory is booked for ${empty.worker}, which is gone`;
  const gone = queen.workers.find(({ id }) => (processes[id] ?? "gone") === "gone");
  return gone === undefined || isStopped ? undefined : `the queen waits for ${gone.id}, which is gone`;
}

function owedToJobs(world: World, state: State, queen: Facts, isStopped: boolean): string | undefined {
  const { streams } = world.env(state);
  for (const { id, state: now } of queen.jobs) {
    if (now === "queued" && isStopped) continue;
    if (!ENDED.includes(now)) return `${id} is ${now}`;
    if (streams[id]?.ends.includes(now) !== true) return `RJ1: ${id} is ${now}, and its readers were not told so`;
    if (queen.cells.has(`job/${id}`)) return `the cell of ${id} is still there`;
  }
  const busy = queen.workers.find(({ jobs }) => jobs.length > 0);
  return busy === undefined ? undefined : `RJ4: ${busy.jobs.join(", ")} holds a slot of ${busy.id}, and has ended`;
}

export const rules: Rules = { always, owed };
