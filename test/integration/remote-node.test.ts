/**
 * Goal: models of somebody else's server are workers of a node like any other: found, shown, gone on with, refused.
 * Method: a real node, and servers on loopback that misbehave; their keys come from the node's environment.
 *
 * @see src/actors/queen/privacy.ts, PR1 PR2; src/hosts/worker/program.ts, WP1; src/hosts/machine/machine.ts, MA3
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { ModelServer } from "../support/model-server.ts";
import { refusalIn, startNode, type TestNode, textIn, tokensIn } from "../support/node-harness.ts";
import { temporaryHome } from "../support/temporary.ts";

const SOON_MS = 20_000;
const MODEL = "openai:model@box";
const OLLAMA = "ollama:model";
const KEY = "sesame-of-the-box";
const asked = { capability: "text", prompt: "What is a hive?", temperature: 0, max_tokens: 20 } as const;

let node: TestNode;
let box: ModelServer;
let ollama: ModelServer;

beforeAll(async () => {
  box = await ModelServer.start({ dialect: "openai", key: KEY });
  ollama = await ModelServer.start({ dialect: "ollama", isEager: true });
  const { home, remove } = temporaryHome();
  mkdirSync(home, { recursive: true });
  const endpoints = [
    "endpoints:",
    `  box: {url: "${box.url}", key: "\${BOX_KEY}"}`,
    `  cloud: {url: "${box.url}", key: "\${BOX_KEY}", privacy: internal}`,
    `  gone: {url: "http://127.0.0.1:1/"}`,
  ];
  writeFileSync(join(home, "config.yaml"), `${endpoints.join("\n")}\n`);
  const ends: (() => Promise<void>)[] = [];
  const env = { BOX_KEY: KEY, OLLAMA_HOST: ollama.url };
  node = await startNode({ warm: true, home, env, lastly: (end) => void ends.push(end) });
  return async () => {
    for (const end of ends) await end();
    await box.close();
    await ollama.close();
    remove();
  };
});

describe("a model of a server", () => {
  test("answers, and its worker is shown as what it is: remote, with the memory of a bare process", async () => {
    const events = await node.run({ ...asked, model: MODEL });
    expect(tokensIn(events)).toHaveLength(20);
    expect(events.at(-1)).toMatchObject({ type: "done", total_tokens: 20 });
    const worker = await node.worker(MODEL, "idle");
    expect(worker).toMatchObject({ backend: "remote", slots: 4 });
    expect(worker.reservedBytes).toBeLessThan(256 * 2 ** 20);
  });

  test("its key goes to its server, and stands in no command line and no log", async () => {
    await node.run({ ...asked, model: MODEL });
    expect(box.work.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
    const { pid } = await node.worker(MODEL, "idle");
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(KEY);
    expect(node.stdout + node.stderr).not.toContain(KEY);
  });

  test("PR2 says in its why where it went", async () => {
    const { job_id: job } = await node.submit({ ...asked, model: MODEL });
    await node.outcome(job);
    expect((await node.task(job)).why).toContain("it goes to box, which may be given what is secret at most");
  });

  test.each([MODEL, OLLAMA])("calls functions, and is told what came of it: %s", async (model) => {
    const parameters = { type: "object", properties: { sure: { type: "boolean" } } };
    const tools = [{ type: "function", function: { name: "act", parameters } }];
    const chat = async (messages: readonly object[]) => {
      const asking = { model, messages, tools, tool_choice: "required", max_tokens: 200, temperature: 0 };
      return (await node.call("POST", "/v1/chat/completions", asking)).json() as {
        readonly choices: readonly [{ readonly finish_reason: string; readonly message: Record<string, unknown> }];
      };
    };
    const user = { role: "user", content: "Go" };
    const [{ finish_reason: finish, message }] = (await chat([user])).choices;
    expect(finish).toBe("tool_calls");
    const [call] = message["tool_calls"] as readonly [{ id: string; function: { name: string; arguments: string } }];
    expect(call.function.name).toBe("act");
    expect(JSON.parse(call.function.arguments)).toEqual({ sure: expect.any(Boolean) });
    const answer = { role: "tool", tool_call_id: call.id, content: "it is done" };
    await chat([user, { role: "assistant", content: null, tool_calls: [call] }, answer]);
    const server = model === MODEL ? box : ollama;
    expect(server.work.at(-1)?.body).toContain("it is done");
  });

  test("gives vectors", async () => {
    const input = ["a hive", "a worker"];
    const reply = await node.call("POST", "/v1/embeddings", { model: MODEL, input });
    const { data } = reply.json() as { readonly data: readonly { readonly embedding: readonly number[] }[] };
    expect(data.map(({ embedding }) => Math.hypot(...embedding))).toEqual([expect.closeTo(1, 4), expect.closeTo(1, 4)]);
  });

  test("of Ollama answers by its name alone", async () => {
    const events = await node.run({ ...asked, model: OLLAMA });
    expect(tokensIn(events)).toHaveLength(20);
    expect((await node.worker(OLLAMA, "idle")).backend).toBe("remote");
  });
});

describe("what goes wrong", () => {
  test("an answer that is cut midway is gone on with by the next attempt, and nobody sees the seam", async () => {
    const whole = textIn(await node.run({ ...asked, model: MODEL }));
    const before = box.work.length;
    box.mood = {
      after: { pieces: 5, does: "cut" },
      instead() {
        if (box.work.length > before + 1) box.mood = {};
        return false;
      },
    };
    const { job_id: job } = await node.submit({ ...asked, model: MODEL });
    expect(textIn(await node.hear(job))).toBe(whole);
    expect((await node.task(job)).attempts).toBe(2);
    expect(box.work).toHaveLength(before + 2);
  });

  test("a job that is cancelled lets go of the server", async () => {
    box.mood = { after: { pieces: 2, does: "stall" } };
    const { left } = box;
    const { job_id: job } = await node.submit({ ...asked, model: MODEL });
    await waitUntil(async () => (await node.task(job)).state === "running", SOON_MS);
    await node.call("DELETE", `/v2/tasks/${job}`);
    expect(await node.outcome(job)).toMatchObject({ state: "cancelled" });
    await waitUntil(() => box.left === left + 1, SOON_MS);
    box.mood = {};
  });

  test("PR1 what is private goes to no server that may not see it, and not a byte of it leaves (RJ8)", async () => {
    const before = box.asked.length;
    const model = "openai:model@cloud";
    const refused = refusalIn(await node.call("POST", "/v2/tasks", { ...asked, model }));
    expect(refused).toMatchObject({ status: 403, code: "privacy.refused" });
    expect(box.asked).toHaveLength(before);
    const events = await node.run({ ...asked, model, privacy: "internal" });
    expect(events.at(-1)).toMatchObject({ type: "done" });
  });

  test.each([
    ["openai:model@nowhere", "endpoint.unknown"],
    ["openai:model@gone", "endpoint.unreachable"],
    ["openai:other@box", "model.not.found"],
    ["openai:model@http://127.0.0.1:1/", "model.not.found"],
  ])("WP1 %s is told as %s", async (model, code) => {
    const { job_id: job } = await node.submit({ ...asked, model });
    expect(await node.outcome(job)).toMatchObject({ state: "failed", error: { code } });
  });
});

describe("what a person sees", () => {
  test("RL1 the list holds what the servers have that answer, with nothing of it here", async () => {
    const { models } = (await node.call("GET", "/v2/models")).json() as {
      readonly models: readonly { readonly id: string }[];
    };
    const elsewhere = models.filter(({ id }) => /^(?:openai|ollama):/.test(id));
    const view = { bytes: 0, path: "" };
    expect(elsewhere).toMatchObject([
      { id: MODEL, source: "box", ...view },
      { id: "openai:model@cloud", source: "cloud", ...view },
      { id: OLLAMA, source: "ollama", ...view },
    ]);
    const { asked: calls } = box;
    const before = calls.length;
    await node.call("GET", "/v2/models");
    expect(calls).toHaveLength(before);
  });

  test("`rbee model list` says where each is, and that it takes nothing here", async () => {
    const listed = keeper(["model", "list"], { home: node.home, env: { BOX_KEY: KEY } });
    expect(await listed.exitCode).toBe(0);
    expect(listed.stdout).toMatch(/^openai:model@box +at box +- /m);
    expect(listed.stdout).toMatch(/^ollama:model +at ollama +- /m);
    expect(listed.stdout).toMatch(/^starter +ready +[\d.]+ MB/m);
  });

  test("a model of a server is told as that, and one that no server has is not found", async () => {
    const known = (await node.call("GET", `/v1/models/info?model=${encodeURIComponent(MODEL)}`)).json();
    expect(known).toMatchObject({ model: MODEL, here: false, at: "box", bytes: 0 });
    const unknown = await node.call("GET", "/v1/models/info?model=openai:nobody@box");
    expect(refusalIn(unknown)).toMatchObject({ status: 404, code: "model.not.found" });
  });
});
