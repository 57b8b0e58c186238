/**
 * The real fetcher and catalog over a hub of the test, and the real machine that says when, without pauses.
 *
 * @module
 */
import { downloadMachine, type DownloadEvent, type DownloadFailure, type ModelPlan } from "../../machines/download.ts";
import { Catalog } from "../../src/hosts/models/catalog.ts";
import { Fetcher } from "../../src/hosts/models/fetcher.ts";
import { Hub } from "../../src/hosts/models/hub.ts";
import type { Neighbours } from "../../src/hosts/models/neighbours.ts";
import { Throttle } from "../../src/hosts/models/throttle.ts";
import { errorData, type ErrorData, RbeeError, retryClassOf } from "../../src/protocol/errors.ts";
import type { TestHub } from "./hub.ts";
import { Run } from "./run-machine.ts";

export interface FetchStage {
  readonly fetcher: Fetcher;
  readonly catalog: Catalog;
  readonly folder: string;
}

/** Of a machine that is alone. */
export const noNeighbours: Neighbours = {
  offers: () => Promise.resolve([]),
  open: () => Promise.reject(new RbeeError("machine.away", "nobody is there")),
};

interface Surroundings {
  readonly token?: string;
  readonly neighbours?: Neighbours;
  readonly bytesPerSecond?: number;
}

/** @param folder is there */
export function fetchStage(
  hub: TestHub,
  folder: string,
  { token, neighbours = noNeighbours, bytesPerSecond = Infinity }: Surroundings = {},
): FetchStage {
  const catalog = new Catalog(folder);
  const real = new Hub({ endpoint: new URL(hub.url), token, silentMs: 600 });
  const throttle = new Throttle(bytesPerSecond);
  return { fetcher: new Fetcher({ hub: real, catalog, folder, neighbours, throttle }), catalog, folder };
}

export type Outcome = { readonly done: true } | { readonly done: false; readonly failure: DownloadFailure };

const NEVER = new AbortController().signal;
const STEPS_MAX = 500;

/** One download as its machine has it done, to its end. */
export async function download(stage: FetchStage, model: string): Promise<Outcome> {
  const run = new Run<DownloadEvent>(downloadMachine);
  const asked = new Work(stage, model);
  for (let step = 0; step < STEPS_MAX && !run.isOver; step += 1) {
    const made = await asked.answerTo(run.state);
    if (made === undefined) run.tick();
    else run.send(made);
  }
  if (!run.isOver) throw new Error(`no end after ${STEPS_MAX} steps`);
  const failed = run.asked("announceFailed")[0]?.params as { failure: DownloadFailure } | undefined;
  return failed === undefined ? { done: true } : { done: false, failure: failed.failure };
}

class Work {
  readonly #stage: FetchStage;
  readonly #model: string;
  #plan: ModelPlan = { name: "", files: [] };

  constructor(stage: FetchStage, model: string) {
    this.#stage = stage;
    this.#model = model;
  }

  /** What its port would answer in this state; nothing where it only waits. */
  async answerTo(state: string): Promise<DownloadEvent | undefined> {
    const { fetcher } = this.#stage;
    try {
      switch (state) {
        case "resolving":
          this.#plan = await fetcher.resolve(this.#model, NEVER);
          return { type: "resolved", plan: this.#plan };
        case "makingRoom":
          return { type: "room.enough" };
        case "fetching":
          await fetcher.fetch(this.#plan, () => {}, NEVER);
          return { type: "fetched" };
        case "checking":
          await fetcher.check(this.#plan, () => {}, NEVER);
          return { type: "checked" };
        default:
          return undefined;
      }
    } catch (thrown) {
      const { code, message }: ErrorData = errorData(thrown);
      const failure = { code, class: retryClassOf(code), message };
      if (state === "fetching") return { type: "cut", presentBytes: await fetcher.present(this.#plan), ...failure };
      const name = state === "resolving" ? "resolve.failed" : "check.failed";
      return { type: name, key: "", ...failure };
    }
  }
}
