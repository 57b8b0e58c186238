/**
 * What a walk needs to know of one state of one host, computed once for each.
 *
 * @module
 */
import type { MemberRow } from "../../src/actors/hive/tables.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import type { WorkerRow } from "../../machines/rules/fleet.ts";
import type { WorkerContext } from "../../machines/worker.ts";
import type { Lane, Message } from "../../src/runtime/envelope.ts";
import { type Call, type Image, waitingIn } from "./host-image.ts";
import type { Input } from "./host-steps.ts";
import { MODEL_FACTS } from "./parts.ts";

/** Something that this host may do by itself. */
export interface OwnMove {
  readonly told: string;
  readonly input: Input;
  /** fair: it happens in the end. time: it passes. luck: that too, and nothing may rely on it. fault: it costs one. */
  readonly kind: "fair" | "time" | "luck" | "fault";
  /** The ask whose deadline it is. */
  readonly deadline?: string;
}

export interface Facts {
  /** `job/j1` -> `open.running`. */
  readonly cells: ReadonlyMap<string, string>;
  readonly jobs: readonly JobRow[];
  readonly workers: readonly WorkerRow[];
  readonly members: readonly MemberRow[];
  /** Runs that the machine of a worker knows, and those that its engine works on. */
  readonly running: readonly string[];
  readonly slots: number;
  readonly runs: readonly string[];
  readonly peers: ReadonlyMap<string, number>;
  /** What it has numbered and nobody has acknowledged, and the number after that. */
  readonly waiting: readonly Numbered[];
  readonly next: number;
  readonly marks: readonly (Numbered & { readonly from: string })[];
  /** Hosts of which it has marks. */
  readonly markers: ReadonlySet<string>;
  readonly moves: readonly OwnMove[];
}

/** A number of a lane of a cell. */
export interface Numbered {
  readonly n: number;
  readonly to: string;
  readonly lane: Lane;
}

const LANES: readonly Lane[] = ["control", "data"];
/** What ends by these two was not ended by the code that should have. */
const LUCK: readonly string[] = ["deadline", "idleTimeoutMs"];
const HOUR_MS = 3_600_000;

const rowsOf = <Row>({ tables }: Image, name: string): readonly Row[] =>
  (tables.find(([each]) => each === name)?.[1] ?? []).map(([, row]) => row as Row);

export const shortName = (address: string): string => address.slice(address.indexOf("/") + 1).replace("/main", "");

export function stateName(value: unknown): string {
  if (typeof value === "string") return value;
  const [entry] = Object.entries((value ?? {}) as Record<string, unknown>);
  return entry === undefined ? "unborn" : `${entry[0]}.${stateName(entry[1])}`;
}

export function factsOf(image: Image): Facts {
  const worker = image.cells.find(({ kind }) => kind === "worker")?.context as WorkerContext | undefined;
  const marks = image.cells.flatMap(({ address, marks: kept }) =>
    kept.flatMap(([from, row]) => LANES.map((lane) => ({ from, to: address, lane, n: row[lane] }))),
  );
  return {
    cells: new Map(image.cells.map(({ address, value }) => [shortName(address), stateName(value)])),
    jobs: rowsOf(image, "jobs"),
    workers: rowsOf(image, "workers"),
    members: rowsOf(image, "members"),
    running: (worker?.running ?? []).map(({ job, attempt }) => `${job}/${attempt}`),
    slots: worker?.slots ?? 0,
    runs: image.calls.flatMap(({ event }) => (event.type === "run" ? [runOf(event)] : [])),
    peers: new Map(image.peers),
    waiting: waitingIn(image).map(({ n, to, lane }) => ({ n, to, lane })),
    next: image.next,
    marks: marks.filter(({ n }) => n > 0),
    markers: new Set(marks.map(({ from }) => from)),
    moves: [...timers(image), ...deadlines(image), ...image.calls.flatMap(engine)],
  };
}

const runOf = (event: Message): string => {
  const { job, attempt } = event as Message & { readonly job: string; readonly attempt: number };
  return `${job}/${attempt}`;
};

function timers({ cells }: Image): readonly OwnMove[] {
  return cells.flatMap(({ address, timers: armed }) =>
    armed.map(([id, event]): OwnMove => {
      const [, , delay = id] = event.type.split(".");
      const kind = LUCK.includes(delay) ? "luck" : "time";
      return { told: `${shortName(address)}: ${delay} has passed`, input: { do: "timer", cell: address, id }, kind };
    }),
  );
}

function deadlines({ asks }: Image): readonly OwnMove[] {
  return asks.flatMap(([{ id, from, name, deadlineWallMs }]) => {
    if (deadlineWallMs > HOUR_MS) return [];
    const told = `${shortName(from)} gives up waiting for ${name}`;
    return [{ told, input: { do: "deadline", ask: id }, kind: "fault", deadline: id } as const];
  });
}

const BROKEN = { ok: false, error: { code: "engine.failed", message: "it broke" } } as const;

function engine({ id, event }: Call): readonly OwnMove[] {
  const answered = (made: Message): Input => ({ do: "answer", id, result: { ok: true, event: made } });
  const broken: OwnMove = {
    told: `the engine fails to ${event.type}`,
    input: { do: "answer", id, result: BROKEN },
    kind: "fault",
  };
  switch (event.type) {
    case "load":
      return [
        {
          told: "the engine has loaded",
          input: answered({ type: "model.loaded", facts: MODEL_FACTS } as Message),
          kind: "fair",
        },
        broken,
      ];
    case "watch":
      return [
        {
          told: "the engine is sick",
          input: answered({ type: "engine.sick", code: "worker.hung", class: "transient", message: "" } as Message),
          kind: "fault",
        },
      ];
    case "run": {
      const { job, attempt } = event as Message & { readonly job: string; readonly attempt: number };
      const usage = { promptTokens: 0, completionTokens: 0, firstTokenMs: 0, totalMs: 0 };
      const executed = { type: "executed", attempt, finish: "stop", usage, chunks: 0 };
      const ran = { type: "ran", job, attempt, executed } as Message;
      return [{ told: `the engine has run ${job}/${attempt}`, input: answered(ran), kind: "fair" }, broken];
    }
    default:
      return [{ told: "the engine has let go", input: answered({ type: "model.released" }), kind: "fair" }, broken];
  }
}
