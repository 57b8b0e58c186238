/**
 * Models into the catalog, from other machines of the cluster or the hub: what a name means, room on the disk, bytes,
 * and the proof that they are right.
 *
 * Owns: the steps of a download as work to be done. Does not own: their order, or when one is tried again
 * (machines/download.ts).
 *
 *  FE1 The same files are fetched and checked once at a time, however many want them (flights.ts).
 *  FE2 What enters the catalog has the size and the sha256 that the hub names, and begins as a whole GGUF does; what
 *      has not is deleted.
 *  FE3 A removal ends a fetch of the same files before it deletes them.
 *  FE4 What a name means the hub says; where it cannot, or knows nothing of it, a machine that has the model.
 *  FE5 Bytes come from machines that have a file of that hash, one after the other, and only then from the hub, which
 *      goes on where they ended. Which machine gives is told with how far it is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ModelPlan, PlannedFile } from "../../../machines/download.ts";
import { type GgufHeader, parseGgufHeader, readGgufHeader } from "../../actors/engines/gguf/header.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { hubName, means } from "../../protocol/model-name.ts";
import { type Catalog, headerFacts, type ModelNote, notePath } from "./catalog.ts";
import { Flights } from "./flights.ts";
import { type Hub, type HubModel, refusalOf, rethrown } from "./hub.ts";
import { bytesAt, discardPart, land, presentBytes, wholeBytes } from "./part-file.ts";
import { copy } from "./copy.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Throttle } from "./throttle.ts";
import { transfer, type Transfer } from "./transfer.ts";

export interface FetchProgress {
  readonly step: "fetching" | "checking";
  readonly presentBytes: number;
  readonly totalBytes: number;
  /** The machine that gives it. */
  readonly from?: string;
}

export interface RoomMeasured {
  readonly toComeBytes: number;
  readonly othersBytes: number;
  readonly freeBytes: number;
}

/** What the hub says of a name that is not here. */
export interface HubDescription {
  readonly models: readonly HubModel[];
  /** Of the one that is meant, where one is. */
  readonly header: GgufHeader | undefined;
}

export interface FetcherOptions {
  readonly hub: Hub;
  readonly catalog: Catalog;
  readonly folder: string;
  readonly neighbours: Neighbours;
  /** Of what comes from the hub. */
  readonly throttle: Throttle;
}

type Tell = (progress: FetchProgress) => void;

interface Wanted extends Pick<Transfer, "file" | "path" | "signal"> {
  readonly arrived: (bytes: number, from?: string) => void;
}

const HEADER_FIRST_BYTES = 2 ** 20;
/** Vocabularies of today's largest models take some 20 MB. */
const HEADER_BYTES_MAX = 64 * 2 ** 20;

export class Fetcher {
  readonly #hub: Hub;
  readonly #catalog: Catalog;
  readonly #folder: string;
  readonly #neighbours: Neighbours;
  readonly #throttle: Throttle;
  /** Where the bytes of what is being fetched came from last. */
  readonly #sources = new Map<string, string>();
  readonly #flights = new Flights<FetchProgress, void>();
  readonly #fetching = new Map<string, { readonly removed: AbortController; readonly ended: Promise<void> }>();

  constructor({ hub, catalog, folder, neighbours, throttle }: FetcherOptions) {
    this.#hub = hub;
    this.#catalog = catalog;
    this.#folder = folder;
    this.#neighbours = neighbours;
    this.#throttle = throttle;
  }

  /** FE4. */
  async resolve(model: string, signal: AbortSignal): Promise<ModelPlan> {
    try {
      return await this.#hub.resolve(model, signal);
    } catch (thrown) {
      const [first] = await this.#neighbours.offers(model, signal);
      if (first === undefined) throw thrown;
      const plan: ModelPlan = { name: first.name, files: first.files };
      this.#catalog.pathsOf(plan);
      return plan;
    }
  }

  async room(plan: ModelPlan, others: readonly ModelPlan[]): Promise<RoomMeasured> {
    const { bavail, bsize } = await statfs(this.#folder);
    const othersBytes = await Promise.all(others.map((other) => this.#toCome(other)));
    return {
      toComeBytes: await this.#toCome(plan),
      othersBytes: othersBytes.reduce((sum, bytes) => sum + bytes, 0),
      freeBytes: bavail * bsize,
    };
  }

  async present(plan: ModelPlan): Promise<number> {
    const paths = this.#catalog.pathsOf(plan);
    const found = await Promise.all(plan.files.map((file, at) => presentBytes(paths[at] ?? "", file)));
    return found.reduce((sum, bytes) => sum + bytes, 0);
  }

  fetch(plan: ModelPlan, hear: Tell, signal: AbortSignal): Promise<void> {
    const work = async (tell: Tell, given: AbortSignal): Promise<void> => {
      const removed = new AbortController();
      const ended = this.#fetchAll(plan, tell, AbortSignal.any([given, removed.signal]));
      this.#fetching.set(plan.name, { removed, ended });
      await ended.finally(() => this.#fetching.delete(plan.name));
    };
    return this.#flights.join(`fetch ${plan.name}`, work, hear, signal);
  }

  check(plan: ModelPlan, hear: Tell, signal: AbortSignal): Promise<void> {
    const work = (tell: Tell, given: AbortSignal): Promise<void> => this.#check(plan, tell, given);
    return this.#flights.join(`check ${plan.name}`, work, hear, signal);
  }

  async remove(model: string, inUse: readonly string[]): Promise<number> {
    const meant = [...this.#fetching].filter(([name]) => means(model, name)).map(([, fetching]) => fetching);
    for (const { removed } of meant) removed.abort(new RbeeError("model.removed", "the model was removed"));
    await Promise.allSettled(meant.map(({ ended }) => ended));
    return this.#catalog.remove(model, inUse);
  }

  async describe(model: string, signal: AbortSignal): Promise<HubDescription> {
    const wanted = hubName(model);
    if (wanted === undefined) throw new RbeeError("model.not.found", `${model} is no name of a model at a hub`);
    const models = await this.#hub.list(wanted, signal);
    if (wanted.file === undefined && wanted.quant === undefined) return { models, header: undefined };
    const plan = await this.#hub.resolve(model, signal);
    const chosen = models.filter(({ name }) => name === plan.name);
    return { models: chosen, header: await this.#remoteHeader(plan, signal) };
  }

  /** Only its beginning is fetched. */
  async #remoteHeader(plan: ModelPlan, signal: AbortSignal): Promise<GgufHeader | undefined> {
    const [file] = plan.files;
    if (file === undefined) return undefined;
    for (let want = HEADER_FIRST_BYTES; want <= HEADER_BYTES_MAX; want *= 4) {
      const length = Math.min(want, file.bytes);
      const answer = await this.#hub.open(plan, file.path, { range: `bytes=0-${length - 1}` }, signal);
      if (answer.status !== 206 && answer.status !== 200) throw await refusalOf(answer, file.path, signal);
      const start = await firstBytes(answer.body(), length).catch(rethrown);
      const header = parseGgufHeader(start, file.bytes);
      if (header !== undefined || length === file.bytes) return header;
    }
    return undefined;
  }

  async #toCome(plan: ModelPlan): Promise<number> {
    return totalOf(plan) - (await this.present(plan));
  }

  async #fetchAll(plan: ModelPlan, tell: Tell, signal: AbortSignal): Promise<void> {
    const paths = this.#catalog.pathsOf(plan);
    const totalBytes = totalOf(plan);
    let before = 0;
    for (const [at, file] of plan.files.entries()) {
      const path = paths[at] ?? "";
      const arrived = (bytes: number, from?: string): void => {
        const far = { step: "fetching", presentBytes: before + bytes, totalBytes } as const;
        tell(from === undefined ? far : { ...far, from });
      };
      if ((await wholeBytes(path)) !== file.bytes) await this.#bring(plan, at, { file, path, signal, arrived });
      before += file.bytes;
      arrived(0);
    }
  }

  /** FE5. */
  async #bring(plan: ModelPlan, part: number, wanted: Wanted) {
    const { sha256 } = wanted.file;
    const offers = sha256 === undefined ? [] : await this.#neighbours.offers(plan.name, wanted.signal);
    let failure: unknown = new RbeeError("machine.away", `no machine that has ${plan.name} is there`);
    for (const offer of offers) {
      if (offer.files[part]?.sha256 !== sha256) continue;
      try {
        const arrived = (bytes: number): void => wanted.arrived(bytes, offer.machine);
        await copy({ ...wanted, arrived, neighbours: this.#neighbours, offer, part });
        return void this.#sources.set(plan.name, offer.machine);
      } catch (thrown) {
        wanted.signal.throwIfAborted();
        const { code, message } = errorData(thrown);
        if (code === "disk.full") throw thrown;
        // Whatever one of them says, another may have it, or the same one later.
        failure = new RbeeError("machine.away", message);
      }
    }
    if (hubName(plan.name) === undefined) throw failure;
    await transfer({ ...wanted, hub: this.#hub, plan, throttle: this.#throttle });
    this.#sources.set(plan.name, this.#hub.origin);
  }

  async #check(plan: ModelPlan, tell: Tell, signal: AbortSignal): Promise<void> {
    const paths = this.#catalog.pathsOf(plan);
    const totalBytes = totalOf(plan);
    let before = 0;
    for (const [at, file] of plan.files.entries()) {
      const path = paths[at] ?? "";
      const arrived = (bytes: number): void => tell({ step: "checking", presentBytes: before + bytes, totalBytes });
      await proved(path, file, arrived, signal);
      before += file.bytes;
    }
    await this.#enter(plan, paths);
  }

  /** The first part last: with it the model is in the catalog. */
  async #enter(plan: ModelPlan, paths: readonly string[]): Promise<void> {
    const [first = ""] = paths;
    const made: ModelNote = {
      schemaVersion: 1,
      name: plan.name,
      source: this.#sources.get(plan.name) ?? (hubName(plan.name) === undefined ? "" : this.#hub.origin),
      bytes: totalOf(plan),
      sha256: plan.files[0]?.sha256 ?? null,
      addedAtMs: Date.now(),
      ...headerFacts(await readGgufHeader(await bytesAt(first))),
    };
    await mkdir(dirname(first), { recursive: true, mode: 0o700 });
    await writeFile(`${notePath(first)}.new`, `${JSON.stringify(made)}\n`, { mode: 0o600, flush: true });
    await rename(`${notePath(first)}.new`, notePath(first));
    for (const path of [...paths].reverse()) await land(path);
    this.#sources.delete(plan.name);
  }
}

const totalOf = ({ files }: ModelPlan): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** FE2. Read back from the disk: what counts is what lies there. */
async function proved(
  path: string,
  file: PlannedFile,
  arrived: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const from = await bytesAt(path);
  try {
    const { bytes, sha256 } = await hashed(from, arrived, signal);
    if (bytes !== file.bytes) throw corrupt(file, `it has ${bytes} bytes and not ${file.bytes}`);
    if (file.sha256 !== undefined && sha256 !== file.sha256) {
      throw corrupt(file, `its sha256 is ${sha256.slice(0, 12)}… and not ${file.sha256.slice(0, 12)}…`);
    }
    await readGgufHeader(from);
  } catch (thrown) {
    if (!(thrown instanceof RbeeError) || signal.aborted) throw thrown;
    await discardPart(path);
    await rm(path, { force: true });
    throw thrown;
  }
}

async function hashed(path: string, arrived: (bytes: number) => void, signal: AbortSignal) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
    const chunk = piece as Buffer;
    hash.update(chunk);
    bytes += chunk.length;
    arrived(bytes);
  }
  return { bytes, sha256: hash.digest("hex") };
}

const corrupt = (file: PlannedFile, why: string): RbeeError =>
  new RbeeError("download.corrupt", `${file.path} is not what the hub names: ${why}`);

/** So many bytes and no more: a hub that ignores ranges is left in the middle. */
async function firstBytes(body: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}
