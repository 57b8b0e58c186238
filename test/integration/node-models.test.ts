/**
 * Goal: a model that cannot be served fails the jobs that want it, each with the code that says why, and nothing else.
 * Method: the real program with real files, each spoilt in one way.
 */
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeRandomModel } from "../../tools/starter/random-model.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

async function failureOf(node: TestNode, path: string): Promise<unknown> {
  const events = await node.run({ prompt: "hello", max_tokens: 4, model: `file:${path}` });
  expect(events.filter(({ type }) => type === "token")).toEqual([]);
  return events.at(-1);
}

describe("a model that cannot be served", () => {
  test("is told by its code, and a model that can be is served all the while", async () => {
    const folder = temporaryFolder();
    const spoilt = (name: string, spoil: (path: string) => void): string => {
      const path = join(folder, name);
      writeRandomModel({ path, seed: 1, size: "tiny" });
      spoil(path);
      return path;
    };
    const cut = spoilt("cut.gguf", (path) => truncateSync(path, 100_000));
    const foreign = spoilt("foreign.gguf", (path) => writeFileSync(path, "Dear diary, ".repeat(1000)));
    const strange = spoilt("strange.gguf", (path) => {
      writeFileSync(path, readFileSync(path).toString("latin1").replaceAll("llama", "zzzzz"), "latin1");
    });
    const node = await startNode();
    const codes = await Promise.all(
      [cut, foreign, strange, join(folder, "missing.gguf")].map((path) => failureOf(node, path)),
    );
    expect(codes).toMatchObject([
      { type: "error", code: "model.corrupt" },
      { type: "error", code: "model.foreign" },
      { type: "error", code: "model.architecture" },
      { type: "error", code: "model.not.found" },
    ]);
    for (const error of codes) expect(error).toMatchObject({ advice: expect.stringMatching(/\w/) });
    const unnamed = await node.run({ prompt: "hello", model: "no-such-model" });
    expect(unnamed.at(-1)).toMatchObject({ type: "error", code: "model.not.found" });
    const served = await node.run({ prompt: "hello", max_tokens: 4, model: `file:${randomModel()}` });
    expect(served.at(-1)).toMatchObject({ type: "done" });
    expect((await node.status()).queen.queue).toMatchObject({ length: 0, running: 0 });
  });

  test("memory.insufficient: what does not fit beside what is kept back is refused before anything is started", async () => {
    const node = await startNode({ env: { RBEE_MEMORY_HEADROOM: "1TiB" } });
    expect((await node.run({ prompt: "hello" })).at(-1)).toMatchObject({ type: "error", code: "memory.insufficient" });
    expect(node.processes()).toEqual([]);
    expect(await node.workers()).toEqual([]);
  });

  test("context.overflow: a prompt that leaves no room for an answer fails that job alone", async () => {
    const node = await startNode({ env: { RBEE_WORKER_CONTEXT_TOKENS: "128" } });
    const model = `file:${randomModel()}`;
    const [tooLong, short] = await Promise.all([
      node.run({ prompt: "word ".repeat(500), model }),
      node.run({ prompt: "word", max_tokens: 4, model }),
    ]);
    expect(tooLong.at(-1)).toMatchObject({
      type: "error",
      code: "context.overflow",
      message: expect.stringMatching(/has \d+ tokens; the context holds \d+,/),
    });
    expect(short.at(-1)).toMatchObject({ type: "done" });
  });

  test("schema.unsupported: a schema that no grammar can hold fails that job alone", async () => {
    const node = await startNode();
    const refused = await node.run({ prompt: "hello", json_schema: { type: "string", pattern: "^a+$" } });
    expect(refused.at(-1)).toMatchObject({ type: "error", code: "schema.unsupported" });
  });

  test("a prompt of megabytes, larger than any frame between the node's processes, is answered and breaks nothing", async () => {
    const node = await startNode();
    const events = await node.run({ prompt: "é".repeat(1_000_000), model: `file:${randomModel()}` });
    expect(events.at(-1)).toMatchObject({ type: "error", code: "context.overflow" });
    expect((await node.run({ prompt: "hello", max_tokens: 2 })).at(-1)).toMatchObject({ type: "done" });
  });

  test("model.preload none: nothing is loaded before somebody asks for it, and then it is", async () => {
    const node = await startNode();
    expect(await node.workers()).toEqual([]);
    expect((await node.run({ prompt: "hello", max_tokens: 2 })).at(-1)).toMatchObject({ type: "done" });
  });
});
