/**
 * Goal: clients of the Ollama dialect are told of the models that are here, and of no other; what is pulled is here.
 * Method: the routes over a seat that says which models there are.
 *
 * @see src/doors/ollama: pull.ts, OP1 OP2; tags.ts, OG1; facts.ts, OF1; routes.ts, OR1; names.ts, ON2
 * @module
 */
import { describe, expect, test } from "vitest";
import type { ModelsSeat } from "../../../../src/doors/models.ts";
import { ollamaRoutes } from "../../../../src/doors/ollama/routes.ts";
import type { ModelView, StatusView, WorkerView } from "../../../../src/protocol/api.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import { DialectStage, done } from "../../../support/dialect-stage.ts";
import { modelsSeat } from "../../../support/models-seat.ts";

const ID = "hf:bees/tiny-GGUF/tiny-Q8_0.gguf";
const NAME = "hf.co/bees/tiny-GGUF:Q8_0";
const HERE: ModelView = { id: ID, bytes: 9, quant: "Q8_0", path: "/m", addedAtMs: 5_000, source: "hub", machines: [] };
const PROGRESS = { type: "progress", model: NAME, presentBytes: 1, totalBytes: 2, bytesPerSecond: 0 } as const;
const STEPS = [
  { ...PROGRESS, step: "resolving" },
  { ...PROGRESS, step: "fetching" },
  { ...PROGRESS, step: "waiting", trouble: { code: "hub.unreachable", message: "the hub is gone" } },
  { ...PROGRESS, step: "checking" },
] as const;
const NEVER_NOTED = "0001-01-01T00:00:00Z";

interface Given extends Partial<ModelsSeat> {
  readonly here?: readonly ModelView[];
  readonly workers?: readonly Partial<WorkerView>[];
}

function stageOf({ here = [], workers = [], ...given }: Given = {}): DialectStage {
  const seat = modelsSeat({ list: async () => ({ models: here, downloads: [], begun: [] }), ...given });
  const status = async (): Promise<StatusView> => ({ hives: [{ workers }] }) as unknown as StatusView;
  const stopWorker = async (): Promise<void> => {};
  return new DialectStage((run) => ollamaRoutes({ ...run, status, stopWorker }, seat, () => 5_000), done());
}

describe("the list", () => {
  test("OF1 names each model as clients do, and makes up nothing that is not known", async () => {
    const starter: ModelView = { ...HERE, id: "starter", quant: "", addedAtMs: 0 };
    const { models } = (await stageOf({ here: [starter, HERE] }).json("/api/tags", undefined, { method: "GET" })) as {
      models: readonly { digest: string }[];
    };
    const details = { parent_model: "", format: "gguf", family: "", families: [], parameter_size: "" };
    expect(models).toMatchObject([
      { name: "starter:latest", size: 9, modified_at: NEVER_NOTED, details: { ...details, quantization_level: "" } },
      {
        name: NAME,
        model: NAME,
        size: 9,
        modified_at: "1970-01-01T00:00:05.000Z",
        details: { quantization_level: "Q8_0" },
      },
      { name: "queenbee:latest", size: 0 },
    ]);
    expect(new Set(models.map(({ digest }) => digest)).size).toBe(3);
    for (const { digest } of models) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("OF1 a model that is another one now has another digest", async () => {
    const digestOf = async (model: ModelView): Promise<unknown> => {
      const listed = await stageOf({ here: [model] }).json("/api/tags", undefined, { method: "GET" });
      return (listed as { models: readonly { digest: string }[] }).models[0]?.digest;
    };
    expect(await digestOf(HERE)).toBe(await digestOf({ ...HERE, path: "/elsewhere" }));
    expect(await digestOf(HERE)).not.toBe(await digestOf({ ...HERE, bytes: 10 }));
    expect(await digestOf(HERE)).not.toBe(await digestOf({ ...HERE, addedAtMs: 6_000 }));
  });

  test("OG1 of models in memory has each once, by whatever name it was loaded, with all that it holds", async () => {
    const workers = [
      { model: ID, state: "idle", backend: "cpu", reservedBytes: 1 },
      { model: "hf:bees/tiny-GGUF:Q8_0", state: "busy", backend: "cuda", reservedBytes: 2 },
      { model: "starter", state: "loading", backend: "cpu", reservedBytes: 4 },
      { model: "starter", state: "stopping", backend: "cpu", reservedBytes: 8 },
    ] as const;
    const listed = await stageOf({ here: [HERE], workers }).json("/api/ps", undefined, { method: "GET" });
    expect(listed).toEqual({ models: [expect.objectContaining({ name: NAME, size: 3, size_vram: 2 })] });
  });
});

describe("what is known of a model", () => {
  test("is told under the names of its header", async () => {
    const info = { model: ID, here: true, bytes: 9, quant: "Q8_0", choices: [] };
    const facts = { architecture: "llama", parameters: 8_030_000_000, contextTokens: 4_096 };
    const stage = stageOf({ here: [HERE], info: async (model) => ({ ...info, ...facts, model }) });
    expect(await stage.json("/api/show", { name: NAME })).toMatchObject({
      details: { family: "llama", families: ["llama"], parameter_size: "8.0B", quantization_level: "Q8_0" },
      model_info: {
        "general.architecture": "llama",
        "general.parameter_count": 8_030_000_000,
        "llama.context_length": 4_096,
      },
      capabilities: ["completion", "embedding"],
      modified_at: "1970-01-01T00:00:05.000Z",
    });
  });

  test("is nothing where it is not here, and the hub is not asked", async () => {
    const stage = stageOf({ info: () => Promise.reject(new Error("asked")) });
    await expect(stage.json("/api/show", { model: NAME })).rejects.toMatchObject({ code: "model.absent" });
    const file = stage.json("/api/show", { model: "file:/etc/passwd" });
    await expect(file).rejects.toMatchObject({ code: "request.forbidden" });
    await expect(stage.json("/api/show", {})).rejects.toMatchObject({ details: { field: "model" } });
  });
});

describe("pull", () => {
  test.each([NAME, "hf:bees/tiny-GGUF:Q8_0", ID, "queenbee:latest"])(
    "OP1 of %s, which is here, is success",
    async (name) => {
      const stage = stageOf({ here: [HERE], fetch: () => Promise.reject(new Error("fetched")) });
      expect(await stage.stream("/api/pull", { model: name })).toEqual({ data: [{ status: "success" }] });
      expect(await stage.json("/api/pull", { name, stream: false })).toEqual({ status: "success" });
    },
  );

  test("OP1 of what is not here begins its download, tells how it goes, and ends with success when it is here", async () => {
    const fetched: string[] = [];
    const given: Given = {
      fetch: async (model) => void fetched.push(model),
      async *follow() {
        yield* STEPS;
      },
    };
    const { data } = await stageOf(given).stream("/api/pull", { model: NAME });
    expect(data).toEqual([
      { status: "pulling manifest" },
      expect.objectContaining({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), total: 2, completed: 1 }),
      { status: "waiting to try again: the hub is gone" },
      { status: "verifying sha256 digest" },
      { status: "success" },
    ]);
    expect(fetched).toEqual(["hf:bees/tiny-GGUF:Q8_0"]);
    expect(await stageOf(given).json("/api/pull", { model: NAME, stream: false })).toEqual({ status: "success" });
  });

  test("OP1 of what cannot be fetched is an error, whole or in the middle of the stream", async () => {
    const broken: Given = {
      async *follow() {
        yield STEPS[0];
        throw new RbeeError("download.corrupt", "it is another file");
      },
    };
    const streamed = await stageOf(broken).stream("/api/pull", { model: NAME });
    expect(streamed).toEqual({ data: [{ status: "pulling manifest" }], code: "download.corrupt" });
    const whole = stageOf(broken).json("/api/pull", { model: NAME, stream: false });
    await expect(whole).rejects.toMatchObject({ code: "download.corrupt" });
  });

  test("OP2 of a client that leaves is followed no further, and what it began goes on", async () => {
    const leaving = new AbortController();
    const followed: AbortSignal[] = [];
    const given: Given = {
      async *follow(_model, signal) {
        followed.push(signal);
        yield STEPS[1];
        throw new RbeeError("interrupted", "nobody waits for it any more");
      },
      remove: () => Promise.reject(new Error("removed")),
    };
    const { signal } = leaving;
    expect(await stageOf(given).stream("/api/pull", { model: NAME }, { signal })).toMatchObject({
      code: "interrupted",
    });
    expect(followed).toEqual([signal]);
  });

  test("of a repository is its one model; of several the client says which; of no hub is refused", async () => {
    const fetched: string[] = [];
    const begin = (choices: readonly string[]): Promise<unknown> =>
      stageOf({
        info: async (model) => ({
          model: choices.length === 0 ? ID : model,
          here: false,
          bytes: 1,
          quant: "",
          choices: choices.map((quant) => ({ model: `hf:bees/tiny-GGUF/${quant}.gguf`, quant, bytes: 1 })),
        }),
        fetch: async (model) => void fetched.push(model),
      }).json("/api/pull", { model: "hf.co/bees/tiny-GGUF", stream: false });
    await begin([]);
    expect(fetched).toEqual([ID]);
    await expect(begin(["Q4_0", "Q8_0"])).rejects.toMatchObject({
      code: "model.ambiguous",
      message: expect.stringContaining("Q4_0, Q8_0"),
    });
    for (const model of ["llama3.2", "file:/m.gguf", "http://x/y.gguf"]) {
      await expect(stageOf().json("/api/pull", { model })).rejects.toMatchObject({ details: { field: "model" } });
    }
  });
});

describe("ON2 a repository", () => {
  const repo = "hf.co/bees/tiny-GGUF";
  const OTHER: ModelView = { ...HERE, id: "hf:bees/tiny-GGUF/tiny-Q4_0.gguf", quant: "Q4_0" };
  const asks: readonly (readonly [string, object])[] = [
    ["/api/chat", { messages: [{ role: "user", content: "Hello" }], stream: false }],
    ["/api/generate", { keep_alive: 60 }],
    ["/api/embed", { input: "Hello" }],
  ];

  test("is the one model of it that is here, for whoever asks it something", async () => {
    const removed: string[] = [];
    const stage = stageOf({ here: [HERE], remove: async (model) => removed.push(model) });
    for (const [path, body] of asks) await stage.json(path, { model: repo, ...body });
    expect(stage.submitted.map(({ model }) => model)).toEqual([ID, ID, ID]);
    await stage.json("/api/delete", { model: `${repo}:latest` }, { method: "DELETE" });
    expect(removed).toEqual([ID]);
  });

  test("of which there are several is none of them until the client says which", async () => {
    const stage = stageOf({ here: [HERE, OTHER], remove: () => Promise.reject(new Error("removed")) });
    const several = { code: "model.ambiguous", message: expect.stringContaining(`${ID}, ${OTHER.id}`) };
    for (const [path, body] of asks) {
      await expect(stage.json(path, { model: repo, ...body })).rejects.toMatchObject(several);
    }
    await expect(stage.json("/api/show", { model: repo })).rejects.toMatchObject(several);
    await expect(stage.json("/api/delete", { model: repo }, { method: "DELETE" })).rejects.toMatchObject(several);
    expect(stage.submitted).toEqual([]);
  });
});

test("a model is deleted by any of its names, and copied to none", async () => {
  const removed: string[] = [];
  const remove = async (model: string): Promise<number> => removed.push(model);
  const stage = stageOf({ here: [HERE], remove });
  await stage.json("/api/delete", { name: NAME }, { method: "DELETE" });
  await stage.json("/api/delete", { model: "nobody:latest" }, { method: "DELETE" });
  expect(removed).toEqual([ID, "nobody"]);
  const copied = stage.json("/api/copy", { source: NAME, destination: "mine" });
  await expect(copied).rejects.toMatchObject({
    code: "request.invalid",
    details: { field: "destination", allowed: ID },
  });
  expect(await stage.json("/api/copy", { source: NAME, destination: ID })).toEqual({ status: "success" });
  const absent = stage.json("/api/copy", { source: "nobody", destination: "nobody" });
  await expect(absent).rejects.toMatchObject({ code: "model.absent" });
  await expect(stage.json("/api/create", {})).rejects.toMatchObject({ code: "request.not.found" });
});

test("OR1 whoever asks whether somebody is there is answered, and told which dialect is spoken", async () => {
  for (const method of ["GET", "HEAD"]) {
    expect(await stageOf().call("/", undefined, { method })).toMatchObject({ status: 200, text: "rbee is running." });
    for (const path of ["/api/tags", "/api/ps", "/api/version"]) {
      expect(await stageOf().call(path, undefined, { method })).toMatchObject({ status: 200 });
    }
  }
  const version = await stageOf().json("/api/version", undefined, { method: "GET" });
  expect(version).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
});
