/**
 * A node watched: its log and its metrics, fed with its news.
 *
 * Both are loaded here and not before, while the node's threads start: what they cost delays no answer.
 *
 * @module
 */
import type { LibraryEvent } from "../../../machines/library.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import type { RunningEvent } from "../../actors/team/library.ts";
import type { QueenStatus } from "../../actors/queen/views.ts";
import type { MetricsSeat } from "../../doors/metrics.ts";
import { event } from "../../runtime/reading.ts";
import { DownloadWitness } from "./download-witness.ts";
import { memory, STARTER } from "../machine/machine.ts";
import { ModelNames } from "./model-names.ts";
import type { NewsDesk } from "./news.ts";
import type { NodeOptions } from "../node-contract.ts";
import type { Porter } from "../porter/porter.ts";
import { LIBRARY, QUEEN } from "../porter/residents.ts";

const toQueen = event<QueenEvent>();
const toLibrary = event<LibraryEvent>();

/** A scrape waits for the queen no longer. */
const SCRAPE_MS = 1000;

export interface Watching {
  readonly metrics: MetricsSeat;
  reopenLog(): void;
  /** Resolves when the last line is written, or lost. */
  close(): Promise<void>;
}

export async function watch(news: NewsDesk, porter: Porter, { paths, config }: NodeOptions): Promise<Watching> {
  const [{ openNodeLog }, { Metrics }] = await Promise.all([import("./node-log.ts"), import("./metrics.ts")]);
  const models = new ModelNames([STARTER, config.model.default ?? STARTER]);
  const metrics = new Metrics({
    models,
    queen: () => porter.desk.doors.ask<QueenStatus>(QUEEN, toQueen({ type: "status" }), SCRAPE_MS),
    async agents() {
      const asked = toLibrary({ type: "list" });
      return (await porter.desk.doors.ask<RunningEvent>(LIBRARY, asked, SCRAPE_MS)).agents;
    },
    devices: porter.room,
    memory,
    chunksDropped: () => porter.streams.dropped,
  });
  const log = openNodeLog({ folder: paths.logs, env: process.env, models });
  porter.models.listen(new DownloadWitness(news.tell).heard);
  // The metrics first: they learn which names are models.
  news.open(metrics.take, log.take);
  return {
    metrics,
    reopenLog: () => log.reopen(),
    async close() {
      metrics.close();
      await log.close();
    },
  };
}
