/**
 * Models at the door of a node: what there is, what one needs, fetching one, removing one.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, or deciding anything; it talks to
 * a {@link ModelsSeat}.
 *
 *  MD1 Only models of a hub are fetched, and what is fetched is named and never an address.
 *  MD2 A stream of one model's progress ends with its `done` or `error`, and only then; that of all has no end.
 *  MD3 The list that clients of the OpenAI dialect read says of a model what that dialect does, and nothing else; what
 *      a keeper wants to know is in a list of its own.
 *  MD4 A model is looked at on the machine that is named, fetched to it, followed there and removed from it; where none
 *      is named, on the one that asks.
 *
 * @module
 */
import type { z } from "zod";
import {
  modelInfo,
  type ModelList,
  modelList,
  modelListed,
  modelRemoved,
  modelAtRequest,
  modelsView,
  type ModelInfo,
  type ModelsHere,
} from "../protocol/api.ts";
import { downloadAccepted, downloadEvent, type DownloadEvent } from "../protocol/download-api.ts";
import { ERRORS, errorData, RbeeError } from "../protocol/errors.ts";
import { hubName } from "../protocol/model-name.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, EventSink, Route } from "../protocol/route.ts";
import { nodeIn } from "./machines.ts";
import { openaiError, openaiRefusal } from "./openai/refusal.ts";
import { QUEENBEE } from "./run.ts";

/** What the door needs of a node. Each may throw an RbeeError. */
export interface ModelsSeat {
  /** @param asker the machine of whose models most is told */
  list(asker?: string): Promise<ModelsHere>;
  /** @param node the machine that is meant, here as below; the queen's own where it is not given */
  info(model: string, node?: string): Promise<ModelInfo>;
  /** Resolves when it is begun for good; harmless when it runs already. */
  fetch(model: string, node?: string): Promise<void>;
  /** How it goes, until it is done. @throws its failure, or request.not.found when nobody fetches it */
  follow(
    model: string,
    signal: AbortSignal,
    node?: string,
  ): AsyncIterable<Extract<DownloadEvent, { type: "progress" }>>;
  /** How every download of a machine goes, from now until the signal. */
  followAll(signal: AbortSignal, node?: string): AsyncIterable<Extract<DownloadEvent, { type: "progress" }>>;
  /** @returns the bytes that are free now */
  remove(model: string, node?: string): Promise<number>;
}

export function modelRoutes(seat: ModelsSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/models",
      doc: { summary: "The models of this machine, in OpenAI's dialect.", answer: modelList, refused: openaiRefusal },
      handle: async () => ok(listed(await seat.list())),
      refusal: openaiError,
    },
    {
      method: "GET",
      path: "/v1/models/:id",
      doc: { summary: "One model of this machine, in OpenAI's dialect.", answer: modelListed, refused: openaiRefusal },
      handle: async (call) => ok(one(await seat.list(), call.params["id"] ?? "")),
      refusal: openaiError,
    },
    {
      method: "GET",
      path: "/v2/models",
      doc: { summary: "The models of this machine, and those on their way.", answer: modelsView },
      handle: async ({ peer }) => ok({ schemaVersion: 1, ...(await seat.list(peer?.name)) }),
    },
    {
      method: "GET",
      path: "/v1/models/info",
      doc: { summary: "What a model is, what it needs, whether it fits.", query: modelAtRequest, answer: modelInfo },
      handle: (call) => info(seat, call),
    },
    {
      method: "POST",
      path: "/v1/models/download",
      doc: {
        summary: "Fetch a model of the hub, to a machine.",
        body: modelAtRequest,
        status: 202,
        answer: downloadAccepted,
      },
      handle: (call) => download(seat, call),
    },
    {
      method: "GET",
      path: "/v1/models/download/progress",
      doc: { summary: "How a download goes, or all of them.", query: modelAtRequest.partial(), events: downloadEvent },
      handle: (call) => progress(seat, call),
    },
    {
      method: "DELETE",
      path: "/v1/models",
      doc: { summary: "Remove a model from a machine's disk.", query: modelAtRequest, answer: modelRemoved },
      handle: (call) => remove(seat, call),
    },
  ];
}

const ok = (json: unknown): Answer => ({ status: 200, json });

/** Nothing that lies on a disk. */
const TEAM = { id: QUEENBEE, addedAtMs: 0 };

/** MD3. */
const listed = ({ models }: ModelsHere): ModelList => ({
  object: "list",
  data: [...models, TEAM].map(({ id, addedAtMs }) => ({
    id,
    object: "model",
    created: Math.floor(addedAtMs / 1000),
    owned_by: "rbee",
  })),
});

function one(here: ModelsHere, id: string): ModelList["data"][number] {
  const found = listed(here).data.find((model) => model.id === id);
  if (found === undefined) throw new RbeeError("model.absent", `${id.slice(0, 80)} is not on this machine.`);
  return found;
}

/** MD4. */
const atNode = (
  { peer }: Call,
  { model, node }: z.infer<typeof modelAtRequest>,
): { readonly model: string; readonly node: string | undefined } => ({ model, node: node ?? peer?.name });

const modelAtIn = (call: Call): ReturnType<typeof atNode> =>
  atNode(call, parseWith(modelAtRequest, { model: call.query["model"], node: call.query["node"] }));

async function info(seat: ModelsSeat, call: Call): Promise<Answer> {
  const { model, node } = modelAtIn(call);
  localOnly(model, call);
  return ok({ schemaVersion: 1, ...(await seat.info(model, node)) });
}

/** A path may be named only over the socket that its owner alone can open. */
function localOnly(model: string, { local }: Call): void {
  if (local || !model.startsWith("file:")) return;
  const details = { field: "model", found: "file:", allowed: "a name of the catalog" };
  throw new RbeeError("request.forbidden", "a file is named over the node's own socket only", details);
}

async function download(seat: ModelsSeat, call: Call): Promise<Answer> {
  const { model, node } = atNode(call, parseWith(modelAtRequest, call.body));
  checkFetchable(model);
  await seat.fetch(model, node);
  const named = new URLSearchParams(node === undefined ? { model } : { model, node });
  const progressUrl = `/v1/models/download/progress?${named.toString()}`;
  return { status: 202, json: { model, state: "downloading", progress_url: progressUrl } };
}

/** MD1. */
export function checkFetchable(model: string): void {
  const wanted = hubName(model);
  if (wanted?.file !== undefined || wanted?.quant !== undefined) return;
  const allowed = "hf:OWNER/REPO:QUANT or hf:OWNER/REPO/FILE.gguf";
  throw new RbeeError("request.invalid", `model: ${model.slice(0, 80)} is no model of a hub; allowed: ${allowed}`, {
    field: "model",
    found: model.slice(0, 80),
    allowed,
  });
}

function progress(seat: ModelsSeat, call: Call): Answer {
  if (call.query["model"] === undefined) {
    const all = seat.followAll(call.signal, nodeIn(call));
    return { events: (sink) => relayAll(all, sink) };
  }
  const { model, node } = modelAtIn(call);
  return { events: (sink) => relay(model, seat.follow(model, call.signal, node), call.signal, sink) };
}

async function relayAll(all: ReturnType<ModelsSeat["followAll"]>, sink: EventSink): Promise<void> {
  for await (const { type, ...data } of all) await sink.send({ event: type, data });
}

async function relay(
  model: string,
  followed: ReturnType<ModelsSeat["follow"]>,
  signal: AbortSignal,
  sink: EventSink,
): Promise<void> {
  const send = async ({ type, ...data }: DownloadEvent): Promise<void> => sink.send({ event: type, data });
  let begun = false;
  try {
    for await (const event of followed) {
      await send(event);
      begun = true;
    }
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    // Before the first event it is still an HTTP status.
    if (!begun && code === "request.not.found") throw thrown;
    if (signal.aborted) throw thrown;
    return send({ type: "error", model, code, message, advice: ERRORS[code].advice });
  }
  await send({ type: "done", model });
}

async function remove(seat: ModelsSeat, call: Call): Promise<Answer> {
  const { model, node } = modelAtIn(call);
  return ok({ schemaVersion: 1, model, state: "removed", freedBytes: await seat.remove(model, node) });
}
