/**
 * The model hub over HTTP: what a repository has, and the bytes of its files.
 *
 * Owns: the hub's addresses and answers, and which error each of its refusals is. Does not own: the way out
 * (src/net/egress.ts), what is written to the disk.
 *
 *  HU1 The token goes to the endpoint's own origin alone, and into no message.
 *  HU2 What the hub says is parsed; what does not fit is hub.foreign, and no path of it leads out of its repository.
 *  HU3 Asked to wait, it waits as long as it was told, within a bound.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { ModelPlan, PlannedFile } from "../../../machines/download.ts";
import { type Inbound, Outage, request, smallText } from "../../net/egress.ts";
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";
import { jsonOf } from "../../protocol/json.ts";
import { hubName, type HubName, hubNameOf, isModelFile, partsOf, quantOf } from "../../protocol/model-name.ts";

export interface HubOptions {
  readonly endpoint: URL;
  readonly token: string | undefined;
  /** Without a byte for so long it counts as gone. */
  readonly silentMs?: number;
}

export interface HubModel {
  /** The canonical name. */
  readonly name: string;
  readonly quant: string;
  readonly bytes: number;
  readonly files: readonly PlannedFile[];
}

const SILENT_MS = 30_000;
const LIST_BYTES_MAX = 16 * 2 ** 20;
const PAGES_MAX = 20;
const PARTS_MAX = 200;
const RETRY_AFTER_MAX_MS = 120_000;
export const HUB_DEFAULT = "https://huggingface.co";

const entries = z.array(
  z.object({
    type: z.string(),
    path: z.string().max(1024),
    size: z.number().int().nonnegative(),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() }).optional(),
  }),
);
type Entry = z.infer<typeof entries>[number];

export class Hub {
  readonly #endpoint: URL;
  readonly #token: string | undefined;
  readonly #silentMs: number;

  constructor({ endpoint, token, silentMs = SILENT_MS }: HubOptions) {
    this.#endpoint = endpoint;
    this.#token = token;
    this.#silentMs = silentMs;
  }

  get origin(): string {
    return this.#endpoint.origin;
  }

  /** Every model of a repository. */
  async list({ owner, repo }: HubName, signal: AbortSignal): Promise<readonly HubModel[]> {
    const found = await this.#entries(owner, repo, signal);
    const files = new Map(found.map((entry) => [entry.path, plannedOf(entry)]));
    return [...files.keys()].filter(isModelFile).flatMap((path) => {
      const parts = partsOf(path).map((part) => files.get(part));
      const whole = parts.filter((part) => part !== undefined);
      // A split model whose parts are not all there is none. HU2: its name must be one that we would take.
      const name = hubNameOf(owner, repo, path);
      if (whole.length < parts.length || whole.length > PARTS_MAX || hubName(name) === undefined) return [];
      return [{ name, quant: quantOf(path), bytes: whole.reduce((sum, { bytes }) => sum + bytes, 0), files: whole }];
    });
  }

  /** @throws RbeeError model.not.found, model.ambiguous, hub.* */
  async resolve(model: string, signal: AbortSignal): Promise<ModelPlan> {
    const wanted = hubName(model);
    if (wanted === undefined) throw new RbeeError("model.not.found", `${model} is no name of a model at a hub`);
    const models = await this.list(wanted, signal);
    const { name, files } = chosen(model, wanted, models);
    return { name, files };
  }

  /** The bytes of a file from an offset on; the caller judges the status. */
  async open(
    { name }: ModelPlan,
    file: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Inbound> {
    const { owner, repo } = hubName(name) ?? { owner: "", repo: "" };
    return this.#ask(
      `${owner}/${repo}/resolve/main/${file.split("/").map(encodeURIComponent).join("/")}`,
      headers,
      signal,
    );
  }

  async #entries(owner: string, repo: string, signal: AbortSignal): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    let next: string | undefined = `api/models/${owner}/${repo}/tree/main?recursive=true`;
    for (let pages = 0; next !== undefined && pages < PAGES_MAX; pages += 1) {
      const answer = await this.#ask(next, { accept: "application/json" }, signal);
      if (answer.status !== 200) throw await refusalOf(answer, `${owner}/${repo}`, signal);
      const text = await smallText(answer, LIST_BYTES_MAX).catch(rethrown);
      found.push(...this.#parsed(text));
      next = this.#nextPage(answer);
    }
    return found;
  }

  #parsed(text: string): readonly Entry[] {
    const result = entries.safeParse(jsonOf(text));
    if (result.success) return result.data;
    throw new RbeeError("hub.foreign", `${this.#endpoint.origin} does not answer as a model hub does`);
  }

  /** A list of more than a page names the next one; only below the endpoint it is followed. */
  #nextPage({ headers }: Inbound): string | undefined {
    const [, link] = /<([^>]+)>;\s*rel="next"/.exec(headers.get("link") ?? "") ?? [];
    return link?.startsWith(this.#base) === true ? link.slice(this.#base.length) : undefined;
  }

  get #base(): string {
    return this.#endpoint.href.endsWith("/") ? this.#endpoint.href : `${this.#endpoint.href}/`;
  }

  async #ask(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Inbound> {
    const bearer = this.#token === undefined ? undefined : { origin: this.#endpoint.origin, token: this.#token };
    const url = new URL(this.#base + path);
    return request({ url, headers, bearer, headMs: this.#silentMs, silentMs: this.#silentMs, signal }).catch(rethrown);
  }
}

/** Whatever went wrong on the way, with its code. */
export function rethrown(thrown: unknown): never {
  if (!(thrown instanceof Outage)) throw thrown;
  throw new RbeeError(CODE_OF_OUTAGE[thrown.kind], thrown.message);
}

const plannedOf = ({ path, size, lfs }: Entry): PlannedFile => ({
  path,
  bytes: lfs?.size ?? size,
  sha256: lfs?.oid,
});

function chosen(model: string, wanted: HubName, models: readonly HubModel[]): HubModel {
  const { owner, repo, file, quant } = wanted;
  const full = file === undefined ? undefined : hubNameOf(owner, repo, file);
  const matching = models.filter(({ name, quant: has }) =>
    full === undefined ? quant === undefined || has === quant : name === full,
  );
  const [first, second] = matching;
  if (first !== undefined && second === undefined) return first;
  const names = (of: readonly HubModel[]): string =>
    of.length === 0
      ? "it has no GGUF model"
      : `it has ${of
          .slice(0, 20)
          .map(({ quant: has, name }) => has || name)
          .join(", ")}`;
  if (first === undefined)
    throw new RbeeError("model.not.found", `${owner}/${repo} has no ${quant ?? file}: ${names(models)}`);
  const found = matching.map(({ name }) => name).slice(0, 20);
  throw new RbeeError("model.ambiguous", `${model} may mean ${found.join(", ")}`);
}

const CODE_OF_OUTAGE: Readonly<Record<Outage["kind"], ErrorCode>> = {
  unreachable: "hub.unreachable",
  broken: "hub.unreachable",
  silent: "download.stalled",
  astray: "hub.foreign",
};

const CODE_OF_STATUS: ReadonlyMap<number, ErrorCode> = new Map([
  [401, "hub.unauthorized"],
  [404, "model.not.found"],
  [410, "model.not.found"],
  [429, "hub.busy"],
]);

/** What a status says that is no success. HU3: it is told when it may be tried again. */
export async function refusalOf(answer: Inbound, what: string, signal: AbortSignal): Promise<RbeeError> {
  const { status, headers, url } = answer;
  await answer.discard();
  const code = CODE_OF_STATUS.get(status) ?? (status >= 500 ? "hub.unreachable" : "hub.refused");
  const waitMs = Math.min(Number(headers.get("retry-after") ?? 0) * 1000 || 0, RETRY_AFTER_MAX_MS);
  if (waitMs > 0 && (status === 429 || status >= 500)) await pause(waitMs, undefined, { signal });
  return new RbeeError(code, `${url.origin} answers ${status} for ${what}`);
}
