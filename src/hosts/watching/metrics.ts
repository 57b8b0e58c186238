/**
 * What a node counts, and what a scrape is told.
 *
 * Owns: the registry, counting news, and asking for what only the queen or the machine knows. Does not own: the names
 * (src/protocol/telemetry.ts) or the door (src/doors/metrics.ts).
 *
 *  ME1 A scrape asks the queen and the team's library once, within a bound, and is answered with or without them; two
 *      at once ask together.
 *  ME2 What one of them did not say is left out, not told as it was or as zero.
 *  ME3 No series comes of what a client made up: see model-names.ts, and every other label has a few known values.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Device } from "../../../machines/rules/reserve.ts";
import type { RunningEvent } from "../../actors/team/library.ts";
import type { QueenStatus } from "../../actors/queen/views.ts";
import { METRICS } from "../../protocol/telemetry.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import type { ModelNames } from "./model-names.ts";
import type { News, TakeNews } from "./news.ts";

export interface MetricsSources {
  readonly models: ModelNames;
  /** Rejects when she does not answer in time. */
  readonly queen: () => Promise<QueenStatus>;
  /** The same of the team's library. */
  readonly agents: () => Promise<RunningEvent["agents"]>;
  /** What models may run on here. */
  readonly devices: () => readonly Device[];
  readonly memory: () => { readonly totalBytes: number; readonly freeBytes: number };
  readonly chunksDropped: () => number;
}

const LAG_SAMPLE_MS = 500;

type Definitions = typeof METRICS;
type Instruments = {
  readonly [Name in keyof Definitions]: Definitions[Name]["kind"] extends "histogram"
    ? Histogram
    : Definitions[Name]["kind"] extends "counter"
      ? Counter
      : Gauge;
};

export class Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #of: Instruments;
  readonly #sampler: NodeJS.Timeout;
  #scraping: Promise<string> | undefined;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    this.#of = instruments(this.#registry);
    this.#of.info.set({ version: RBEE_VERSION }, 1);
    this.#of.startTime.set(Date.now() / 1000 - process.uptime());
    this.#sampler = this.#sampleLag();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus. */
  scrape(): Promise<string> {
    this.#scraping ??= this.#scrape().finally(() => (this.#scraping = undefined));
    return this.#scraping;
  }

  readonly take: TakeNews = (news) => {
    const of = this.#of;
    switch (news.event) {
      case "request.refused":
        return of.requestsRefused.inc({ error_type: news.code });
      case "job.admitted":
        return of.jobsAdmitted.inc();
      case "attempt.begun":
        return of.attemptsBegun.inc();
      case "job.spoke":
        if (news.durationMs === undefined) return;
        return of.firstTokenSeconds.observe(this.#labelsOf(news), news.durationMs / 1000);
      case "job.ended":
        return this.#jobEnded(news);
      case "worker.reserved":
        return this.#sources.models.learn(news.model);
      case "worker.refused":
        return of.workerLoadsRefused.inc({ error_type: news.code });
      case "worker.ready":
        if (news.durationMs === undefined) return;
        return of.workerLoadSeconds.observe({ gen_ai_request_model: this.#model(news) }, news.durationMs / 1000);
      case "worker.ended":
        of.workersEnded.inc({ error_type: news.code, gen_ai_request_model: this.#model(news) });
        if (news.endingMs === undefined) return;
        return of.workerEndingSeconds.observe({ gen_ai_request_model: this.#model(news) }, news.endingMs / 1000);
      case "download.came":
        return of.downloadedBytes.inc(news.bytes);
      case "download.waits":
        return of.downloadWaits.inc({ error_type: news.code });
      case "turn.ended":
        return of.teamTurns.inc({ mode: news.mode, end: news.end });
      case "discussion.ended":
        return this.#discussionEnded(news);
      case "store.answered":
        return of.storeSeconds.observe(news.durationMs / 1000);
      case "thread.restarted":
        return of.threadRestarts.inc({ thread: news.thread });
      default:
    }
  };

  close(): void {
    clearInterval(this.#sampler);
  }

  #jobEnded(news: Extract<News, { event: "job.ended" }>): void {
    const { jobsEnded, requestSeconds, outputTokenSeconds, tokens } = this.#of;
    const { state, durationMs, usage, failure } = news;
    const labels = this.#labelsOf(news);
    const error_type = failure?.code ?? "";
    jobsEnded.inc({ state, error_type });
    if (durationMs !== undefined) requestSeconds.observe({ ...labels, error_type }, durationMs / 1000);
    if (usage === undefined) return;
    const { promptTokens, completionTokens, firstTokenMs, totalMs } = usage;
    tokens.observe({ ...labels, gen_ai_token_type: "input" }, promptTokens);
    tokens.observe({ ...labels, gen_ai_token_type: "output" }, completionTokens);
    if (completionTokens < 2) return;
    outputTokenSeconds.observe(labels, (totalMs - firstTokenMs) / 1000 / (completionTokens - 1));
  }

  #discussionEnded({ mode, reason, tokens, flips, durationMs }: Extract<News, { event: "discussion.ended" }>): void {
    const { teamDiscussions, teamTokens, teamFlips, teamSeconds } = this.#of;
    teamDiscussions.inc({ mode, reason });
    teamTokens.inc({ mode }, tokens);
    teamFlips.inc(flips);
    teamSeconds.observe({ mode }, durationMs / 1000);
  }

  #labelsOf(news: { readonly model: string; readonly operation: string }) {
    return { gen_ai_operation_name: news.operation, gen_ai_request_model: this.#model(news) };
  }

  #model({ model }: { readonly model: string }): string {
    return this.#sources.models.asLabel(model);
  }

  async #scrape(): Promise<string> {
    const unless = (): undefined => undefined;
    const { queen, agents } = this.#sources;
    const [status, alive] = await Promise.all([queen().catch(unless), agents().catch(unless)]);
    this.#tellOfQueen(status);
    this.#tellOfAgents(alive ?? []);
    this.#tellOfMachine();
    return this.#registry.metrics();
  }

  #tellOfQueen(status: QueenStatus | undefined): void {
    const { queenUp, queueLength, queueLengthMax, jobsRunning, workers, memoryBooked } = this.#of;
    queenUp.set(status === undefined ? 0 : 1);
    for (const gauge of [workers, memoryBooked]) gauge.reset();
    if (status === undefined) {
      for (const gauge of [queueLength, queueLengthMax, jobsRunning]) gauge.remove();
      return;
    }
    queueLength.set(status.queue.length);
    queueLengthMax.set(status.queue.max);
    jobsRunning.set(status.queue.running);
    for (const { id: device } of this.#sources.devices()) memoryBooked.set({ device }, 0);
    for (const { state, model, device, reservedBytes } of status.workers) {
      workers.inc({ state, gen_ai_request_model: this.#sources.models.asLabel(model) });
      if (device !== "") memoryBooked.inc({ device }, reservedBytes);
    }
  }

  #tellOfAgents(agents: RunningEvent["agents"]): void {
    const { teamAgents, teamMemory } = this.#of;
    teamAgents.reset();
    teamMemory.reset();
    for (const { name: agent, sessions, memoryBytes } of agents) {
      teamAgents.set({ agent }, sessions);
      teamMemory.set({ agent }, memoryBytes);
    }
  }

  #tellOfMachine(): void {
    const { memoryFree, memoryTotal, gpuMemoryTotal, residentMemory, cpuSeconds, chunksDropped } = this.#of;
    gpuMemoryTotal.reset();
    for (const { id: device, kind, totalBytes } of this.#sources.devices()) {
      if (kind !== "cpu") gpuMemoryTotal.set({ device }, totalBytes);
    }
    const { totalBytes, freeBytes } = this.#sources.memory();
    memoryFree.set(freeBytes);
    memoryTotal.set(totalBytes);
    residentMemory.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    cpuSeconds.reset();
    cpuSeconds.inc((user + system) / 1e6);
    chunksDropped.reset();
    chunksDropped.inc(this.#sources.chunksDropped());
  }

  #sampleLag(): NodeJS.Timeout {
    let dueMs = performance.now() + LAG_SAMPLE_MS;
    const sampler = setInterval(() => {
      const now = performance.now();
      this.#of.loopLag.observe(Math.max(0, now - dueMs) / 1000);
      dueMs = now + LAG_SAMPLE_MS;
    }, LAG_SAMPLE_MS);
    return sampler.unref();
  }
}

function instruments(registry: Registry): Instruments {
  const made = Object.entries(METRICS).map(([key, definition]) => {
    const { kind, name, help, labels: labelNames } = definition;
    const common = { name, help, labelNames: [...labelNames], registers: [registry] };
    if (kind === "counter") return [key, new Counter(common)];
    if (kind === "gauge") return [key, new Gauge(common)];
    return [key, new Histogram({ ...common, buckets: [...definition.buckets] })];
  });
  // The type says of each name what its definition does.
  return Object.fromEntries(made) as Instruments;
}
