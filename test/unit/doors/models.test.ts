/**
 * Goal: the door for models takes names and nothing else, and a stream of progress ends with the truth.
 * Method: the door's routes over a seat that is told what to say.
 *
 * @see src/doors/models.ts, MD1 MD2 MD4
 * @module
 */
import { describe, expect, test } from "vitest";
import { modelRoutes, type ModelsSeat } from "../../../src/doors/models.ts";
import type { ModelInfo } from "../../../src/protocol/api.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";
import type { Answer, Call, ServerEvent } from "../../../src/protocol/route.ts";

const MODEL = "hf:o/r:Q8_0";
const PROGRESS = {
  type: "progress",
  model: MODEL,
  step: "fetching",
  presentBytes: 1,
  totalBytes: 2,
  bytesPerSecond: 0,
} as const;
const INFO: ModelInfo = { model: MODEL, here: true, bytes: 1, quant: "Q8_0", choices: [] };

const seat = (given: Partial<ModelsSeat> = {}): ModelsSeat => ({
  list: () => Promise.resolve({ models: [], downloads: [], begun: [] }),
  info: () => Promise.resolve(INFO),
  fetch: () => Promise.resolve(),
  async *follow() {
    yield await Promise.resolve(PROGRESS);
  },
  async *followAll() {
    yield await Promise.resolve(PROGRESS);
  },
  remove: () => Promise.resolve(7),
  ...given,
});

function call(given: ModelsSeat, method: string, path: string, made: Partial<Call> = {}): Promise<Answer> {
  const route = modelRoutes(given).find((each) => each.method === method && each.path === path);
  const whole: Call = {
    params: {},
    query: {},
    headers: {},
    body: undefined,
    local: false,
    signal: new AbortController().signal,
    ...made,
  };
  return Promise.resolve().then(() => route?.handle(whole) ?? Promise.reject(new Error(`no ${method} ${path}`)));
}

async function eventsOf(
  given: ModelsSeat,
  query: Call["query"] = { model: MODEL },
): Promise<readonly (string | undefined)[]> {
  const answer = await call(given, "GET", "/v1/models/download/progress", { query });
  const sent: ServerEvent[] = [];
  const sink = { send: (event: ServerEvent) => void sent.push(event) };
  if ("events" in answer) await answer.events(sink);
  return sent.map(({ event, data }) => [event, (data as { code?: string }).code].filter(Boolean).join(" "));
}

describe("the door for models", () => {
  test("MD1 fetches what a hub's name names, and refuses everything else with the field", async () => {
    const fetched: string[] = [];
    const given = seat({ fetch: async (model) => void fetched.push(model) });
    const answer = await call(given, "POST", "/v1/models/download", { body: { model: MODEL } });
    expect(answer).toMatchObject({ status: 202, json: { model: MODEL, state: "downloading" } });
    for (const body of [{ model: "hf:o/r" }, { model: "http://x/y.gguf" }, { model: "" }, { url: "x" }, undefined]) {
      await expect(call(given, "POST", "/v1/models/download", { body })).rejects.toMatchObject({
        code: "request.invalid",
      });
    }
    expect(fetched).toEqual([MODEL]);
  });

  test("tells of a file only over the node's own socket", async () => {
    const query = { model: "file:/etc/passwd" };
    await expect(call(seat(), "GET", "/v1/models/info", { query })).rejects.toMatchObject({
      code: "request.forbidden",
    });
    expect(await call(seat(), "GET", "/v1/models/info", { query, local: true })).toMatchObject({ status: 200 });
  });

  test("MD2 a stream ends with done, or with the code of its failure", async () => {
    expect(await eventsOf(seat())).toEqual(["progress", "done"]);
    expect(await eventsOf(seat(), {})).toEqual(["progress"]);
    const fails = seat({
      async *follow() {
        yield await Promise.resolve(PROGRESS);
        throw new RbeeError("hub.refused", "no");
      },
    });
    expect(await eventsOf(fails)).toEqual(["progress", "error hub.refused"]);
  });

  test("MD2 what nobody fetches is refused before a stream begins", async () => {
    const nobody = seat({
      // oxlint-disable-next-line require-yield -- it has nothing to yield
      async *follow() {
        await Promise.reject(new RbeeError("request.not.found", "nobody fetches it"));
      },
    });
    await expect(eventsOf(nobody)).rejects.toMatchObject({ code: "request.not.found" });
  });

  test("MD4 what is asked of a model is asked of the machine that is named, else of the one that asks", async () => {
    const asked: string[] = [];
    const note = (what: string, node = "own"): void => void asked.push(`${what} ${node}`);
    const given = seat({
      fetch: async (_model, node) => note("fetch", node),
      // oxlint-disable-next-line require-yield -- it has nothing to yield
      async *follow(_model, _signal, node) {
        note("follow", node);
      },
      // oxlint-disable-next-line require-yield -- it has nothing to yield
      async *followAll(_signal, node) {
        note("follow all", node);
      },
      list: async (asker) => (note("list", asker), { models: [], downloads: [], begun: [] }),
      info: async (_model, node) => (note("info", node), INFO),
      remove: async (_model, node) => (note("remove", node), 0),
    });
    const peer = { role: "hive", name: "beta", key: "", fingerprint: "" } as const;
    for (const [node, from] of [
      [undefined, undefined],
      ["gamma", peer],
      [undefined, peer],
    ] as const) {
      const query = { model: MODEL, ...(node && { node }) };
      const made = { query, peer: from };
      const { json } = (await call(given, "POST", "/v1/models/download", { ...made, body: query })) as { json: object };
      expect(json).toMatchObject({ progress_url: expect.stringContaining(node ?? from?.name ?? "Q8_0") });
      const progress = await call(given, "GET", "/v1/models/download/progress", made);
      if ("events" in progress) await progress.events({ send: () => {} });
      const every = await call(given, "GET", "/v1/models/download/progress", {
        query: { ...(node && { node }) },
        peer: from,
      });
      if ("events" in every) await every.events({ send: () => {} });
      await call(given, "GET", "/v1/models/info", made);
      await call(given, "DELETE", "/v1/models", made);
    }
    const all = (node: string): readonly string[] =>
      ["fetch", "follow", "follow all", "info", "remove"].map((what) => `${what} ${node}`);
    expect(asked).toEqual([...all("own"), ...all("gamma"), ...all("beta")]);
    asked.length = 0;
    await call(given, "GET", "/v2/models", { peer });
    expect(asked).toEqual(["list beta"]);
  });

  test("removes by name, and says what that freed", async () => {
    expect(await call(seat(), "DELETE", "/v1/models", { query: { model: MODEL } })).toMatchObject({
      status: 200,
      json: { state: "removed", freedBytes: 7 },
    });
  });
});
