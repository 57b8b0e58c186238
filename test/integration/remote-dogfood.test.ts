/**
 * Goal: a node of rbee is itself a server that another node's workers ask, and says the same through it.
 * Method: two real nodes; the second knows the first as an endpoint by its OpenAI door.
 *
 * @see src/actors/engines/remote/openai.ts, OA1
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNode, textIn, tokensIn } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

test("a node asks another as it would ask any server: text, vectors and refusals are the other's own", async () => {
  const one = await startNode();
  const home = join(temporaryFolder(), "home");
  mkdirSync(home);
  writeFileSync(join(home, "config.yaml"), `endpoints: {other: {url: ${one.ready.url}/v1}}\n`);
  const two = await startNode({ home, env: { RBEE_MODEL_DEFAULT: "openai:starter@other" } });

  const task = { capability: "text", prompt: "What is a hive?", temperature: 0, seed: 1, max_tokens: 60 } as const;
  const direct = await one.run({ ...task, model: "starter" });
  const through = await two.run(task);
  expect(textIn(through)).toBe(textIn(direct));
  expect(textIn(through)).toContain("hive");
  const told = (events: typeof direct) => events.at(-1);
  expect(told(through)).toMatchObject({ type: "done", total_tokens: tokensIn(direct).length });

  const vectors = async (node: typeof one, model: string) => {
    const reply = await node.call("POST", "/v1/embeddings", { model, input: ["a hive"] });
    return (reply.json() as { readonly data: readonly [{ readonly embedding: readonly number[] }] }).data[0].embedding;
  };
  const [mine, theirs] = [await vectors(two, "openai:starter@other"), await vectors(one, "starter")];
  expect(mine).toHaveLength(theirs.length);
  expect(mine.every((number, at) => Math.abs(number - (theirs[at] ?? 0)) < 1e-5)).toBe(true);

  const { job_id: job } = await two.submit({ ...task, prompt: "hive ".repeat(5_000) });
  expect(await two.outcome(job)).toMatchObject({ state: "failed", error: { code: "context.overflow" } });
});
