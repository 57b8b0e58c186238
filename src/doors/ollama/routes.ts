/**
 * The Ollama dialect at the door of a node: text, vectors, and the models of this machine.
 *
 *  OR1 What clients look for to know whether somebody is there is answered at `/`, in rbee's own words; whatever is
 *      only read can be asked for by its head.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { JobRequest } from "../../../machines/request.ts";
import type { Answer, Call, Route, RouteDoc } from "../../protocol/route.ts";
import type { ModelsSeat } from "../models.ts";
import { type Asked, jobHeaders, jobOf, run } from "../run.ts";
import { CHAT, chatJob } from "./chat.ts";
import { copy } from "./copy.ts";
import { answerEmbed, answerEmbeddings, embedJob } from "./embeddings.ts";
import { GENERATE, generateJob } from "./generate.ts";
import { isWordless, type LoadingSeat, loadOrUnload } from "./loading.ts";
import { isRepo, modelMeant, modelOf } from "./names.ts";
import { pull } from "./pull.ts";
import {
  chatted,
  chattedLine,
  done,
  embedded,
  embeddedOne,
  generated,
  generatedLine,
  pulledLine,
  runningView,
  shown,
  tagsView,
  versionView,
} from "./answer-schema.ts";
import { ollamaError, ollamaRefusal } from "./refusal.ts";
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
import { taking } from "../taking.ts";
import { answerDone, answerText, type TextShape } from "./text.ts";

/**
 * Clients compare it to know what they may ask: the first version of the dialect that had all that is answered here,
 * schemas and capabilities among it. What came later is refused by its name.
 */
const DIALECT_VERSION = "0.6.4";
const ALIVE = "rbee is running.";

const ok = (json: unknown): Answer => ({ status: 200, json });

type Says = Required<Pick<Route, "doc" | "handle">>;

const route = (method: Route["method"], path: string, { doc, handle }: Says): Route => ({
  method,
  path,
  handle,
  refusal: ollamaError,
  doc: { ...doc, refused: ollamaRefusal },
});
/** What becomes a job. */
const jobRoute = (path: string, { doc, handle }: Says): Route =>
  route("POST", path, { doc: { ...doc, headers: jobHeaders }, handle });
const read = (path: string, doc: RouteDoc, handle: Route["handle"]): readonly Route[] =>
  (["GET", "HEAD"] as const).map((method) => route(method, path, { doc, handle }));

const GENERATED = { answer: generated, events: generatedLine, framing: "ndjson" } as const;
const CHATTED = { answer: chatted, events: chattedLine, framing: "ndjson" } as const;
const PULLED = { answer: done, events: pulledLine, framing: "ndjson" } as const;

export const ollamaRoutes = (seat: LoadingSeat, models: ModelsSeat, nowMs: () => number): readonly Route[] => [
  ...textRoutes(seat, models, nowMs),
  ...houseRoutes(seat, models),
];

function textRoutes(seat: LoadingSeat, models: ModelsSeat, nowMs: () => number): readonly Route[] {
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
  const generate = taking("Go on with a text, in Ollama's dialect.", generateRequest, GENERATED, (request, call) =>
    text(generateJob(request), request, GENERATE, call),
  );
  const chat = taking("Chat, in Ollama's dialect.", chatRequest, CHATTED, (request, call) =>
    text(chatJob(request), request, CHAT, call),
  );
  const embed = taking("Embed texts, in Ollama's dialect.", embedRequest, { answer: embedded }, async (request, call) =>
    answerEmbed(request, await run(seat, await jobFor(embedJob(request), call), call)),
  );
  const embedOne = taking(
    "Embed a text, in Ollama's older form.",
    embeddingsRequest,
    { answer: embeddedOne },
    async (request, call) => answerEmbeddings(await run(seat, await jobFor(embedJob(request), call), call)),
  );
  return [
    jobRoute("/api/generate", generate),
    jobRoute("/api/chat", chat),
    jobRoute("/api/embed", embed),
    jobRoute("/api/embeddings", embedOne),
  ];
}

function houseRoutes(seat: LoadingSeat, models: ModelsSeat): readonly Route[] {
  const remove = taking(
    "Remove a model, in Ollama's dialect.",
    deleteRequest,
    { answer: done },
    async (request, { peer }) => {
      const name = nameIn(request);
      const here = modelMeant(name, (await models.list()).models);
      await models.remove(here?.id ?? modelOf(name), peer?.name);
      return ok({ status: "success" });
    },
  );
  const showOne = taking(
    "What a model is, in Ollama's dialect.",
    showRequest,
    { answer: shown },
    async (request, call) => ok(await show(models, nameIn(request), call)),
  );
  const fetchOne = taking("Fetch a model, in Ollama's dialect.", pullRequest, PULLED, (request, call) =>
    pull(models, request, call),
  );
  const copyOne = taking("Name a model again, in Ollama's dialect.", copyRequest, { answer: done }, async (request) =>
    ok(copy(request, (await models.list()).models)),
  );
  const refused: Says = { doc: { summary: "Not here: models are neither made nor sent." }, handle: notHere };
  return [
    ...read("/api/tags", { summary: "The models of this machine, in Ollama's dialect.", answer: tagsView }, async () =>
      ok(await tags(models)),
    ),
    ...read("/api/ps", { summary: "The models that are loaded, in Ollama's dialect.", answer: runningView }, async () =>
      ok(await running(seat, models)),
    ),
    route("POST", "/api/show", showOne),
    route("POST", "/api/pull", fetchOne),
    route("DELETE", "/api/delete", remove),
    route("POST", "/api/copy", copyOne),
    ...["/api/create", "/api/push"].map((path) => route("POST", path, refused)),
    ...read("/api/version", { summary: "Which version of Ollama's dialect is spoken here.", answer: versionView }, () =>
      ok({ version: DIALECT_VERSION }),
    ),
    ...read("/", { summary: "Whether the node is there.", text: "text/plain" }, () => ({
      status: 200,
      text: ALIVE,
      contentType: "text/plain; charset=utf-8",
    })),
  ];
}

function notHere(): never {
  throw new RbeeError("request.not.found", "Models are neither made here nor sent from here.");
}
