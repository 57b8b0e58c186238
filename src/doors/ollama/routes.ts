/**
 * The Ollama dialect at the door of a node: text, vectors, and the models of this machine.
 *
 *  OR1 What clients look for to know whether somebody is there is answered at `/`, in rbee's own words; whatever is
 *      only read can be asked for by its head.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { JobRequest } from "../../../machines/queen.ts";
import { parseWith } from "../../protocol/parse.ts";
import type { Answer, Call, Route } from "../../protocol/route.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";
import type { ModelsSeat } from "../models.ts";
import { type Asked, jobOf, run } from "../run.ts";
import { CHAT, chatJob } from "./chat.ts";
import { copy } from "./copy.ts";
import { answerEmbed, answerEmbeddings, embedJob } from "./embeddings.ts";
import { GENERATE, generateJob } from "./generate.ts";
import { isWordless, type LoadingSeat, loadOrUnload } from "./loading.ts";
import { isRepo, modelMeant, modelOf } from "./names.ts";
import { pull } from "./pull.ts";
import { ollamaError } from "./refusal.ts";
import {
  type ChatRequest,
  chatRequest,
  copyRequest,
  deleteRequest,
  embeddingsRequest,
  embedRequest,
  type GenerateRequest,
  generateRequest,
  nameIn,
  pullRequest,
  showRequest,
} from "./schema.ts";
import { show } from "./show.ts";
import { running, tags } from "./tags.ts";
import { answerDone, answerText, type TextShape } from "./text.ts";

/**
 * Clients compare it to know what they may ask: the first version of the dialect that had all that is answered here,
 * schemas and capabilities among it. What came later is refused by its name.
 */
const DIALECT_VERSION = "0.6.4";
const ALIVE = "rbee is running.";

const ok = (json: unknown): Answer => ({ status: 200, json });

export function ollamaRoutes(seat: LoadingSeat, models: ModelsSeat, nowMs: () => number): readonly Route[] {
  /** ON2: asked for only where a name needs it. */
  const jobFor = async (asked: Asked, call: Call): Promise<JobRequest> => {
    const { model = "" } = asked;
    const here = isRepo(model) ? modelMeant(model, (await models.list()).models) : undefined;
    return jobOf(here === undefined ? asked : { ...asked, model: here.id }, call);
  };
  const text = async (
    asked: Asked,
    request: GenerateRequest | ChatRequest,
    shape: TextShape,
    call: Call,
  ): Promise<Answer> => {
    const answer = { shape, model: request.model, stream: request.stream !== false, nowMs };
    if (isWordless(asked)) return answerDone(answer, await loadOrUnload(seat, models, await jobFor(asked, call), call));
    return answerText(answer, await run(seat, await jobFor(asked, call), call));
  };
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({
    method,
    path,
    handle,
    refusal: ollamaError,
  });
  const read = (path: string, handle: Route["handle"]): readonly Route[] =>
    (["GET", "HEAD"] as const).map((method) => route(method, path, handle));
  return [
    route("POST", "/api/generate", (call) => {
      const request = parseWith(generateRequest, call.body);
      return text(generateJob(request), request, GENERATE, call);
    }),
    route("POST", "/api/chat", (call) => {
      const request = parseWith(chatRequest, call.body);
      return text(chatJob(request), request, CHAT, call);
    }),
    route("POST", "/api/embed", async (call) => {
      const request = parseWith(embedRequest, call.body);
      return answerEmbed(request, await run(seat, await jobFor(embedJob(request), call), call));
    }),
    route("POST", "/api/embeddings", async (call) => {
      const request = parseWith(embeddingsRequest, call.body);
      return answerEmbeddings(await run(seat, await jobFor(embedJob(request), call), call));
    }),
    ...read("/api/tags", async () => ok(await tags(models))),
    ...read("/api/ps", async () => ok(await running(seat, models))),
    route("POST", "/api/show", async (call) => ok(await show(models, nameIn(parseWith(showRequest, call.body)), call))),
    route("POST", "/api/pull", (call) => pull(models, parseWith(pullRequest, call.body), call)),
    route("DELETE", "/api/delete", async (call) => {
      const name = nameIn(parseWith(deleteRequest, call.body));
      const here = modelMeant(name, (await models.list()).models);
      await models.remove(here?.id ?? modelOf(name));
      return ok({ status: "success" });
    }),
    route("POST", "/api/copy", async (call) => {
      const request = parseWith(copyRequest, call.body);
      return ok(copy(request, (await models.list()).models));
    }),
    ...["/api/create", "/api/push"].map((path) => route("POST", path, notHere)),
    ...read("/api/version", () => ok({ version: DIALECT_VERSION, rbee: RBEE_VERSION })),
    ...read("/", () => ({ status: 200, text: ALIVE, contentType: "text/plain; charset=utf-8" })),
  ];
}

function notHere(): never {
  throw new RbeeError("request.not.found", "Models are neither made here nor sent from here.");
}
