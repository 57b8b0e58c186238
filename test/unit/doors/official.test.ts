/**
 * Goal: also what is not text is what the official clients declare: vectors, counts, lists, descriptions, refusals.
 * Method: each answer and each refusal of the table of errors against the published type of it, made strict; and the
 * types themselves broken, field by field, so that it is known that they notice.
 *
 * @see src/protocol/route.ts, SH1; test/support/official/declarations.ts, DC1 DC2
 * @module
 */
import { describe, expect, test } from "vitest";
import { anthropicError } from "../../../src/doors/anthropic/refusal.ts";
import { anthropicRoutes } from "../../../src/doors/anthropic/routes.ts";
import { modelRoutes } from "../../../src/doors/models.ts";
import { ollamaError } from "../../../src/doors/ollama/refusal.ts";
import { ollamaRoutes } from "../../../src/doors/ollama/routes.ts";
import { openaiError } from "../../../src/doors/openai/refusal.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { StatusView, WorkerView } from "../../../src/protocol/api.ts";
import { ERRORS, isErrorCode } from "../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../src/protocol/ports.ts";
import { DialectStage, done, said, vectors } from "../../support/dialect-stage.ts";
import { modelsSeat } from "../../support/models-seat.ts";
import { breachesOf, type ContractName } from "../../support/official/contracts.ts";
import { namedIn, untoldIn } from "../../support/official/documented.ts";
import { Declarations } from "../../support/official/declarations.ts";

const MODEL = {
  id: "hf:o/r/m-Q8_0.gguf",
  bytes: 9,
  quant: "Q8_0",
  path: "/m.gguf",
  addedAtMs: 1_700_000_000_500,
  machines: [],
};
const STARTER = { id: "starter", bytes: 9, quant: "", path: "/s.gguf", addedAtMs: 0, source: "", machines: [] };
const PROGRESS = { type: "progress", model: MODEL.id, presentBytes: 1, totalBytes: 2, bytesPerSecond: 3 } as const;

const models = modelsSeat({
  list: async () => ({
    models: [{ ...MODEL, source: "hub", architecture: "llama", parameters: 1e9 }, STARTER],
    downloads: [],
    begun: [],
  }),
  async *follow() {
    for (const step of ["resolving", "fetching", "checking", "waiting"] as const) yield { ...PROGRESS, step };
  },
});

const worker = (model: string, backend: string): WorkerView => ({
  ...{ id: "w1", model, capability: "text", backend, state: "idle", pid: 1, port: 0 },
  ...{ slots: 1, busySlots: 0, reservedBytes: 7 },
});
const STATUS: StatusView = {
  schemaVersion: 1,
  queen: { id: "q", epoch: 1, state: "open", url: "", pid: 1, uptimeMs: 1, queue: { length: 0, max: 1, running: 0 } },
  hives: [
    {
      ...{ id: "h", name: "h", state: "serving", host: "h", pid: 1, version: "1", backends: ["cpu"] },
      ...{ ram: { totalBytes: 1, freeBytes: 1 }, gpus: [] },
      workers: [worker(MODEL.id, "cuda"), worker("starter", "cpu")],
    },
  ],
};

const node = { status: async () => STATUS, stopWorker: async () => {} };
const stage = (...items: readonly StreamItem[]): DialectStage =>
  new DialectStage(
    (seat) => [
      ...openaiRoutes(seat, () => 0),
      ...anthropicRoutes(seat),
      ...ollamaRoutes({ ...seat, ...node }, models, () => 0),
      ...modelRoutes(models),
    ],
    ...items,
  );

const VECTORS = [...vectors([0.5, -1], [1, 2]), done()];
const messages = [{ role: "user", content: "Hello" }];

describe("SH1 OD3 what is answered is what the official clients declare", () => {
  test.each<readonly [ContractName, string, object, readonly StreamItem[]]>([
    ["openai embeddings", "/v1/embeddings", { model: "m", input: ["a", "b"] }, VECTORS],
    ["openai embeddings base64", "/v1/embeddings", { model: "m", input: "a", encoding_format: "base64" }, VECTORS],
    ["anthropic count", "/v1/messages/count_tokens", { model: "m", messages }, [done()]],
    ["ollama embed", "/api/embed", { model: "m", input: ["a", "b"] }, VECTORS],
    ["ollama embeddings", "/api/embeddings", { model: "m", prompt: "a" }, VECTORS],
    ["ollama generate line", "/api/generate", { model: "m" }, [...said("x"), done()]],
    ["ollama chat line", "/api/chat", { model: "m", messages: [] }, [...said("x"), done()]],
    ["ollama chat line", "/api/chat", { model: "starter", messages: [], keep_alive: 0 }, []],
    ["ollama show", "/api/show", { model: "starter" }, []],
    ["ollama show", "/api/show", { model: "queenbee" }, []],
    ["ollama pull", "/api/pull", { model: "starter", stream: false }, []],
    ["ollama status", "/api/delete", { model: "starter" }, []],
    ["ollama status", "/api/copy", { source: "starter", destination: "starter" }, []],
  ])("%s at %s of %j", async (name, path, body, items) => {
    const method = path === "/api/delete" ? "DELETE" : "POST";
    const answer = await stage(...items).json(path, body, { method });
    expect(breachesOf(name, answer)).toEqual([]);
    expect(untoldIn(`${method} ${path}`, 200, "application/json", answer)).toEqual([]);
  });

  test.each<readonly [ContractName, string]>([
    ["openai models", "/v1/models"],
    ["ollama tags", "/api/tags"],
    ["ollama ps", "/api/ps"],
    ["ollama version", "/api/version"],
  ])("%s at %s", async (name, path) => {
    const answer = await stage().json(path, undefined, { method: "GET" });
    expect(breachesOf(name, answer)).toEqual([]);
    expect(untoldIn(`GET ${path}`, 200, "application/json", answer)).toEqual([]);
  });

  test("MD3 a model is told alone as in the list; one that is not here is none", async () => {
    const params = { id: MODEL.id };
    const told = await stage().json("/v1/models/:id", undefined, { method: "GET", params });
    expect(told).toMatchObject({ id: MODEL.id, created: 1_700_000_000 });
    expect(breachesOf("openai model", told)).toEqual([]);
    const asking = stage().json("/v1/models/:id", undefined, { method: "GET", params: { id: "no" } });
    await expect(asking).rejects.toMatchObject({ code: "model.absent" });
  });

  test("OD3 each event of a download, in rbee's own dialect", async () => {
    const query = { model: MODEL.id };
    const { sent } = await stage().events("/v1/models/download/progress", {}, { method: "GET", query });
    expect(sent).toHaveLength(5);
    for (const { event, data } of sent) {
      const told = namedIn(event, data);
      expect(untoldIn("GET /v1/models/download/progress", 200, "text/event-stream", told)).toEqual([]);
    }
  });

  test("each line of a download", async () => {
    const { data } = await stage().stream("/api/pull", { model: "hf.co/o/other:Q8_0" });
    expect(data).toHaveLength(5);
    for (const line of data) expect(breachesOf("ollama pull", line)).toEqual([]);
  });
});

describe("SH1 what is refused is refused in the form that the official clients declare", () => {
  const forms = [
    ["openai error", openaiError],
    ["anthropic error", anthropicError],
    ["ollama error", ollamaError],
  ] as const;

  test.each(forms)("%s", (name, refusal) => {
    for (const code of Object.keys(ERRORS).filter(isErrorCode)) {
      for (const details of [undefined, { field: "n", found: "9", allowed: "1" }]) {
        const error = { code, message: "no", ...(details && { details }) };
        expect([code, ...breachesOf(name, refusal(error, "r1"))]).toEqual([code]);
        expect(JSON.stringify(refusal(error, "r1"))).toContain(code);
      }
    }
  });
});

describe("the types and the document notice", () => {
  const chat = async (): Promise<object> =>
    Object(await stage(...said("x"), done()).json("/v1/chat/completions", { model: "m", messages }));

  test("DC1 a field that is missing, one that is not known, and a value that is none of its own", async () => {
    const whole = await chat();
    expect(breachesOf("openai chat", whole)).toEqual([]);
    for (const field of ["id", "choices", "created", "model", "object"]) {
      const less = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== field));
      expect(breachesOf("openai chat", less)[0]).toContain(field);
    }
    expect(breachesOf("openai chat", { ...whole, worker: "w1" })[0]).toContain("worker");
    expect(breachesOf("openai chat", { ...whole, object: "chat" })[0]).toContain("/object");
    expect(breachesOf("openai chat", { ...whole, service_tier: "slow" })).not.toEqual([]);
    expect(breachesOf("openai chat", { ...whole, usage: null })).not.toEqual([]);
  });

  test("OD3 a field that is not told, and a route, a status or a form of which nothing is", async () => {
    const route = "POST /v1/chat/completions";
    const whole = await chat();
    expect(untoldIn(route, 200, "application/json", whole)).toEqual([]);
    expect(untoldIn(route, 200, "application/json", { ...whole, metadata: {} })[0]).toContain("metadata");
    expect(untoldIn(route, 202, "application/json", whole)[0]).toContain("tells nothing of 202");
    expect(untoldIn(route, 200, "application/x-ndjson", whole)[0]).toContain("tells nothing");
    expect(untoldIn("POST /v1/chats", 200, "application/json", whole)[0]).toContain("tells nothing");
  });

  test("DC1 of events the one that is meant, by its type", () => {
    const delta = { type: "response.function_call_arguments.delta", item_id: "i", output_index: 0, sequence_number: 1 };
    expect(breachesOf("openai response event", { ...delta, delta: "x" })).toEqual([]);
    expect(breachesOf("openai response event", delta)[0]).toContain("delta");
    expect(breachesOf("openai response event", { type: "response.unheard" })).not.toEqual([]);
  });

  test("DC2 what is not understood is an error, and not anything", () => {
    const files = new Map([
      ["/a.d.ts", `export interface A { b: B; c: keyof A } import { B } from "./b.js";`],
      [
        "/b.d.ts",
        `export interface B extends Omit<N.C, "x"> { "y-z"?: N.C[] | null }
         declare namespace N { interface C { x: 1; w: "a" | "b" } }`,
      ],
      ["/d.d.ts", `export interface D<T> { t: T } export interface E { d: D<string> } export interface F { g: G }`],
    ]);
    const read = (path: string): string => files.get(path) ?? "";
    const b = new Declarations(read).schemaOf("/b.d.ts", "B");
    expect(Object.values(Object(b["$defs"]))).toContainEqual({
      type: "object",
      properties: {
        w: { anyOf: [{ const: "a" }, { const: "b" }] },
        "y-z": { anyOf: [{ type: "array", items: { $ref: "#/$defs/_b.d.ts_N_C" } }, { type: "null" }] },
      },
      required: ["w"],
      additionalProperties: false,
    });
    for (const [path, name] of [
      ["/a.d.ts", "A"],
      ["/d.d.ts", "D"],
      ["/d.d.ts", "E"],
      ["/d.d.ts", "F"],
      ["/d.d.ts", "H"],
    ] as const) {
      expect(() => new Declarations(read).schemaOf(path, name)).toThrow(/d\.ts/);
    }
  });
});
