/**
 * Goal: a worker's door says what the worker says, and asks it only what was asked.
 * Method: its routes called with plain values, a seat that records, a sink that keeps. Cites W1 to W3 of
 * src/doors/worker.ts.
 */
import { describe, expect, test } from "vitest";
import { type DirectRun, workerRoutes, type WorkerSeat } from "../../../src/doors/worker.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";
import type { Answer, Call, ServerEvent } from "../../../src/protocol/route.ts";
import {
  argumentsLine,
  callLine,
  doneLine,
  executed,
  loadingLine,
  readiness,
  tokenLine,
} from "../../../src/protocol/worker-api.ts";

const USAGE = { promptTokens: 5, completionTokens: 2, firstTokenMs: 3, totalMs: 9 };

function seatOf(more: Partial<WorkerSeat> = {}): WorkerSeat & { readonly runs: DirectRun[] } {
  const runs: DirectRun[] = [];
  return {
    runs,
    readiness: () => ({ state: "idle", model: "m", backend: "cpu", slots: 2, busySlots: 0, contextTokens: 512 }),
    async *loading() {
      yield { fraction: 0.5, state: "loading" };
      yield { fraction: 1, state: "idle" };
    },
    async execute(asked, hear) {
      runs.push(asked);
      const job = asked.job ?? "own";
      const whole = new Uint8Array(new Float32Array([9, 1, 2]).buffer);
      // A view that does not begin where its buffer does.
      const bytes = whole.subarray(4);
      if (asked.request.capability === "embedding")
        await hear({ job, attempt: 1, index: 0, kind: "embedding", text: "", tokens: 0, bytes });
      else
        for (const [index, text] of ["Hel", "lo"].entries())
          await hear({ job, attempt: 1, index, kind: "text", text, tokens: 1 });
      return { job, finish: "stop", usage: USAGE };
    },
    cancel: (job) => job === "running",
    shutdown: () => {},
    ...more,
  };
}

async function call(
  seat: WorkerSeat,
  method: string,
  path: string,
  body?: unknown,
  signal = new AbortController().signal,
) {
  const route = workerRoutes(seat).find((one) => one.method === method && one.path === path);
  const made: Call = { params: {}, query: {}, headers: {}, body, local: false, signal };
  const answer: Answer | undefined = await route?.handle(made);
  const events: ServerEvent[] = [];
  if (answer === undefined) throw new Error(`no route ${path}`);
  if (!("events" in answer)) return { status: answer.status, json: "json" in answer ? answer.json : undefined, events };
  await answer.events({
    send: (event) => {
      events.push(event);
      return undefined;
    },
  });
  return { status: 200, json: undefined, events };
}

describe("execute", () => {
  test("text comes as a token a line, numbered, and ends with done", async () => {
    const { events } = await call(seatOf(), "POST", "/v1/execute", { prompt: "hi", job_id: "j1" });
    expect(events.map(({ id }) => id)).toEqual([0, 1, undefined]);
    expect(events.slice(0, 2).map(({ data }) => tokenLine.parse(data))).toEqual([
      { token: "Hel", index: 0 },
      { token: "lo", index: 1 },
    ]);
    expect(doneLine.parse(events[2]?.data)).toMatchObject({ job_id: "j1", total_tokens: 2, finish: "stop" });
  });

  test("stream false gives the whole text, input gives vectors, both as one JSON answer", async () => {
    const text = await call(seatOf(), "POST", "/v1/execute", {
      messages: [{ role: "user", content: "hi" }],
      stream: false,
    });
    expect(executed.parse(text.json)).toMatchObject({ text: "Hello", job_id: "own" });
    const vectors = await call(seatOf(), "POST", "/v1/execute", { input: ["a"] });
    expect(executed.parse(vectors.json)).toMatchObject({ embeddings: [[1, 2]] });
  });

  test("what was asked reaches the worker, and nothing is made up", async () => {
    const seat = seatOf();
    await call(seat, "POST", "/v1/execute", {
      prompt: "p",
      max_tokens: 7,
      temperature: 0.5,
      seed: 3,
      json_schema: { type: "null" },
      attempt: 2,
    });
    expect(seat.runs[0]).toMatchObject({
      job: undefined,
      attempt: 2,
      request: {
        capability: "text",
        prompt: "p",
        maxTokens: 7,
        temperature: 0.5,
        seed: 3,
        jsonSchema: { type: "null" },
        model: undefined,
      },
    });
  });

  test.each([
    [{}, "(body)"],
    [{ prompt: "a", input: ["b"] }, "(body)"],
    [{ prompt: 1 }, "prompt"],
    [{ prompt: "a", max_tokens: 0 }, "max_tokens"],
    [{ prompt: "a", seed: -1 }, "seed"],
    [{ prompt: "a", temperature: 3 }, "temperature"],
    [{ prompt: "a", job_id: "" }, "job_id"],
    [{ prompt: "a", node: "n" }, "node"],
    [{ prompt: "a", tools: [{ name: "two words" }] }, "tools.0.name"],
    [{ prompt: "a", tool_choice: { name: "act" } }, "tool_choice"],
    [{ messages: [{ role: "tool", content: "", tool_call_id: "a" }] }, "messages.0"],
    [{ messages: [{ role: "bee", content: "" }] }, "messages.0.role"],
    [undefined, "(body)"],
  ])("W1 %j is refused for the field %s", async (body, field) => {
    const seat = seatOf();
    await expect(call(seat, "POST", "/v1/execute", body)).rejects.toMatchObject({
      code: "request.invalid",
      details: { field },
    });
    expect(seat.runs).toEqual([]);
  });

  test("W1 what is called goes out as its name and its arguments, in lines or whole", async () => {
    const pieces = [
      ["call", "act"],
      ["arguments", '{"lo'],
      ["arguments", 'ud":true}'],
    ] as const;
    const seat = seatOf({
      async execute(_asked, hear) {
        for (const [index, [kind, text]] of pieces.entries())
          await hear({ job: "j", attempt: 1, index, kind, text, tokens: 1 });
        return { job: "j", finish: "tool_calls", usage: USAGE };
      },
    });
    const asked = { messages: [{ role: "user", content: "Go" }], tools: [{ name: "act" }], tool_choice: "required" };
    const { events } = await call(seat, "POST", "/v1/execute", asked);
    const [first, ...more] = events.map(({ data }) => data);
    expect(callLine.parse(first)).toEqual({ tool_call: { id: "call_j_0", name: "act" }, index: 0 });
    const json = more.slice(0, 2).map((line) => argumentsLine.parse(line).tool_arguments);
    expect(json.join("")).toBe('{"loud":true}');
    expect(doneLine.parse(more.at(-1)).finish).toBe("tool_calls");
    const whole = await call(seat, "POST", "/v1/execute", { ...asked, stream: false });
    const calls = [{ id: "call_j_0", name: "act", arguments: '{"loud":true}' }];
    expect(executed.parse(whole.json)).toMatchObject({ text: "", tool_calls: calls });
  });

  test("W3 the run gets the client's own signal, and waits for a sink that is behind", async () => {
    const gone = new AbortController();
    let seen: AbortSignal | undefined;
    let went = false;
    const gate = Promise.withResolvers<void>();
    const seat = seatOf({
      async execute(_asked, hear, signal) {
        seen = signal;
        await hear({ job: "j", attempt: 1, index: 0, kind: "text", text: "a", tokens: 1 });
        went = true;
        return { job: "j", finish: "stop", usage: USAGE };
      },
    });
    const route = workerRoutes(seat).find(({ path }) => path === "/v1/execute");
    const answer = await route?.handle({
      params: {},
      query: {},
      headers: {},
      body: { prompt: "a" },
      local: false,
      signal: gone.signal,
    });
    if (answer === undefined || !("events" in answer)) throw new Error("no stream");
    const done = answer.events({ send: () => gate.promise });
    await new Promise((resolve) => setImmediate(resolve));
    expect([seen, went]).toEqual([gone.signal, false]);
    gate.resolve();
    await done;
    expect(went).toBe(true);
  });
});

describe("the rest of the door", () => {
  test.each([
    ["loading", 503, false],
    ["idle", 200, true],
    ["busy", 200, true],
    ["stopping", 503, false],
  ] as const)("a worker that is %s answers %i", async (state, status, isReady) => {
    const seat = seatOf({
      readiness: () => ({ state, model: "m", backend: "cpu", slots: 1, busySlots: 0, contextTokens: 1 }),
    });
    const answer = await call(seat, "GET", "/v1/ready");
    expect(answer.status).toBe(status);
    expect(readiness.parse(answer.json)).toMatchObject({ ready: isReady, state });
  });

  test("W2 only loading progress is open, and it ends when loading has", async () => {
    expect(
      workerRoutes(seatOf())
        .filter(({ open }) => open)
        .map(({ path }) => path),
    ).toEqual(["/v1/loading/progress"]);
    const { events } = await call(seatOf(), "GET", "/v1/loading/progress");
    expect(events.map(({ data }) => loadingLine.parse(data))).toEqual([
      { fraction: 0.5, state: "loading" },
      { fraction: 1, state: "idle" },
    ]);
  });

  test("a job that runs is cancelled, one that does not is not found", async () => {
    expect(await call(seatOf(), "POST", "/v1/cancel", { job_id: "running" })).toMatchObject({ status: 202 });
    await expect(call(seatOf(), "POST", "/v1/cancel", { job_id: "other" })).rejects.toBeInstanceOf(RbeeError);
    await expect(call(seatOf(), "POST", "/v1/cancel", {})).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("shutdown asks the worker to stop, once", async () => {
    let asked = 0;
    expect(await call(seatOf({ shutdown: () => void asked++ }), "POST", "/v1/admin/shutdown")).toMatchObject({
      status: 202,
    });
    expect(asked).toBe(1);
  });
});
