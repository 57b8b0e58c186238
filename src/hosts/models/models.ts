/**
 * The `models` port: downloads and the catalog, for the hive; and what doors want to know of both.
 *
 * Owns: the fetcher's thread, from the first work on; the last word of each download on its way. Does not own: which
 * download runs and whether it is tried again (the hive), the work itself (fetcher-thread.ts).
 *
 *  MO1 When the thread ends, whoever waits for it is told host.restarted, once.
 *  MO2 What runs is told as it runs: also the pause before the next try, and why.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { DownloadStanding, DownloadView } from "../../protocol/download-api.ts";
import type { ModelsAsk } from "../../protocol/ports.ts";
import { type ErrorData, RbeeError } from "../../protocol/errors.ts";
import { secretOf } from "../../runtime/config/secret.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import type { Port, PortCall } from "../../runtime/ports.ts";
import type { ClusterDoor } from "../../net/cluster-door.ts";
import type { Offer } from "../../protocol/machine-api.ts";
import type { Described, Offered, FetchStart, FetchWork, FromFetcher, ToFetcher } from "./fetch-messages.ts";
import { threadEnvironment } from "../real/child-environment.ts";
import { Catalog } from "./catalog.ts";
import { HUB_DEFAULT } from "./hub.ts";
import type { HubDescription } from "./fetcher.ts";

export interface ModelsOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly neighbours: ClusterDoor;
  /** From the hub, at most. */
  readonly bytesPerSecond: number;
  /** Of the model as it was asked for. */
  readonly heard: (progress: DownloadProgress) => void;
}

export interface DownloadProgress {
  readonly model: string;
  readonly step: "resolving" | "fetching" | "checking" | "waiting";
  readonly presentBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
  /** The machine that gives it. */
  readonly from?: string;
  /** Why it waits. */
  readonly trouble: ErrorData | undefined;
}

interface Waiting {
  readonly work: FetchWork;
  readonly answer: (result: AskResult) => void;
}

const NOTHING_YET = {
  step: "resolving",
  presentBytes: 0,
  totalBytes: 0,
  bytesPerSecond: 0,
  trouble: undefined,
} as const;

/** Of these nobody waits for a model. */
const QUIET: ReadonlySet<string> = new Set<FetchWork["type"]>(["describe", "offer", "remove"]);
const DESCRIBE_MS = 60_000;
const PROGRESS_MAX = 256;

export class Models implements Port {
  readonly catalog: Catalog;
  readonly #start: FetchStart;
  readonly #heard: ModelsOptions["heard"];
  readonly #waiting = new Map<string, Waiting>();
  readonly #progress = new Map<string, DownloadProgress>();
  readonly #listeners = new Set<(progress: DownloadProgress) => void>();
  #thread: Worker | undefined;
  #described = 0;
  #closed = false;

  constructor({ folder, env, neighbours, bytesPerSecond, heard }: ModelsOptions) {
    this.catalog = new Catalog(folder);
    const token = secretOf(env, "HF_TOKEN") || undefined;
    this.#start = { folder, endpoint: endpointIn(env), token, neighbours, bytesPerSecond };
    this.#heard = heard;
  }

  ask({ id, event }: PortCall, answer: (result: AskResult) => void): void {
    // Asked by the cells of this node's hive alone, with the port's own type.
    this.#work(id, event as ModelsAsk, answer);
  }

  drop(id: string): void {
    if (this.#waiting.delete(id)) this.#say({ kind: "drop", id });
  }

  /** @throws RbeeError hub.*, model.not.found, ask.deadline */
  describe(model: string): Promise<HubDescription> {
    this.#described += 1;
    const id = `describe#${this.#described}`;
    const { promise, resolve, reject } = Promise.withResolvers<HubDescription>();
    const timer = setTimeout(() => {
      this.drop(id);
      reject(new RbeeError("ask.deadline", `the hub did not say within ${DESCRIBE_MS} ms what ${model} is`));
    }, DESCRIBE_MS);
    this.#work(id, { type: "describe", model }, (result) => {
      clearTimeout(timer);
      if (result.ok) resolve((result.event as Described).description);
      else reject(new RbeeError(result.error.code, result.error.message, result.error.details));
    });
    return promise;
  }

  /** What others may copy of it; nothing where it is not here. */
  offer(model: string): Promise<Offer | undefined> {
    this.#described += 1;
    return new Promise((resolve, reject) => {
      this.#work(`offer-${this.#described}`, { type: "offer", model }, (result) => {
        if (result.ok) resolve((result.event as Offered).offer);
        else reject(new RbeeError(result.error.code, result.error.message, result.error.details));
      });
    });
  }

  progressOf(model: string): DownloadProgress | undefined {
    return this.#progress.get(model);
  }

  /** Of one that runs, also before it was heard of. */
  standingOf(model: string): DownloadProgress {
    return this.#progress.get(model) ?? { model, ...NOTHING_YET };
  }

  /** @returns how to hear no more */
  listen(listener: (progress: DownloadProgress) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Nothing of it needs an orderly end: what counts is on the disk already. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.terminate();
  }

  #work(id: string, work: FetchWork, answer: (result: AskResult) => void): void {
    if (this.#closed) return answer({ ok: false, error: { code: "host.restarted", message: "the node is stopping" } });
    this.#waiting.set(id, { work, answer });
    if (work.type === "resolve") this.#tell({ ...this.standingOf(work.model), step: "resolving", trouble: undefined });
    this.#say({ kind: "work", id, work });
  }

  #say(message: ToFetcher): void {
    this.#thread ??= this.#spawn();
    this.#thread?.postMessage(message);
  }

  #spawn(): Worker {
    const url = new URL(`./fetcher-thread${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
    const thread = new Worker(url, { workerData: this.#start, env: threadEnvironment(), name: "fetcher" });
    let why = "the fetcher's thread ended";
    thread.on("message", (message: FromFetcher) => this.#hear(message));
    thread.on("error", (error) => (why = `the fetcher's thread broke: ${String(error)}`));
    thread.once("exit", () => {
      this.#thread = undefined;
      const left = [...this.#waiting];
      this.#waiting.clear();
      for (const [, { answer }] of left) answer({ ok: false, error: { code: "host.restarted", message: why } });
    });
    return thread;
  }

  #hear(message: FromFetcher): void {
    const { id } = message;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const { work, answer } = waiting;
    if (message.kind === "progress") {
      if ("model" in work) this.#tell({ model: work.model, ...message.progress, trouble: undefined });
      return;
    }
    this.#waiting.delete(id);
    const trouble = troubleIn(message.result);
    if (trouble !== undefined && "model" in work && !QUIET.has(work.type)) {
      this.#tell({ ...this.standingOf(work.model), step: "waiting", bytesPerSecond: 0, trouble });
    }
    answer(message.result);
  }

  #tell(progress: DownloadProgress): void {
    this.#progress.delete(progress.model);
    this.#progress.set(progress.model, progress);
    const [oldest] = this.#progress.size > PROGRESS_MAX ? this.#progress.keys() : [];
    if (oldest !== undefined) this.#progress.delete(oldest);
    this.#heard(progress);
    for (const listener of this.#listeners) listener(progress);
  }
}

/** As clients see it. */
export const viewOf = ({ trouble, ...progress }: DownloadProgress): DownloadView =>
  trouble === undefined ? progress : { ...progress, trouble: { code: trouble.code, message: trouble.message } };

export const fractionOf = ({ presentBytes, totalBytes }: DownloadStanding): number =>
  totalBytes === 0 ? 0 : Math.min(1, presentBytes / totalBytes);

function troubleIn(result: AskResult): ErrorData | undefined {
  if (!result.ok) return result.error;
  if (result.event.type !== "cut") return undefined;
  const { code, message } = result.event as Message & ErrorData;
  return { code, message };
}

/** @throws RbeeError config.invalid */
function endpointIn(env: ModelsOptions["env"]): string {
  const text = env["HF_ENDPOINT"] || HUB_DEFAULT;
  const url = URL.parse(text);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === null || !isWeb || url.username !== "" || url.password !== "") {
    throw new RbeeError(
      "config.invalid",
      "HF_ENDPOINT: expected a URL such as https://hub.example, without a password",
    );
  }
  return url.href;
}
