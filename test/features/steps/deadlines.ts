/**
 * Sentences about deadlines that clients of other dialects give with a request.
 *
 * @module
 */
import { expect } from "vitest";
import type { Reply } from "../../support/http.ts";
import { endlessModel, step, type World } from "../world.ts";

/** As each dialect asks for so many tokens. */
function bodyFor(path: string, tokens: number): object {
  const model = endlessModel();
  switch (path) {
    case "/v1/completions":
      return { model, prompt: "Once", max_tokens: tokens };
    case "/v1/messages":
      return { model, messages: [{ role: "user", content: "Once" }], max_tokens: tokens };
    case "/api/generate":
      return { model, prompt: "Once", stream: false, options: { num_predict: tokens } };
    default:
      throw new Error(`no dialect is known at ${path}`);
  }
}

async function ask(world: World, path: string, tokens: number, deadline: string): Promise<Reply> {
  const askedMs = performance.now();
  const reply = await world.node.call("POST", path, bodyFor(path, tokens), { "x-request-deadline": deadline });
  world.replies.push(reply);
  world.sinceMs = askedMs;
  return reply;
}

step("{int} tokens are asked for at {string}, with the deadline {string} in the header", async (world, ...asked) => {
  const [tokens, path, deadline] = asked;
  await ask(world, path, tokens, deadline);
});
step("its answer has status {int} within {int} ms, because of {string}", ({ reply, sinceMs }, status, ms, code) => {
  expect(performance.now() - sinceMs).toBeLessThan(ms);
  expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(code)]);
});
step(
  "each door says in its own form that a deadline of {string} is over, with status {int}",
  async (world, ...asked) => {
    const [deadline, status, rows] = asked;
    expect(rows.length).toBeGreaterThan(0);
    for (const [path = "", form = ""] of rows) {
      const reply = await ask(world, path, 3_000, deadline);
      expect([path, reply.status, reply.text]).toEqual([path, status, expect.stringContaining("job.deadline")]);
      expect(reply.json()).toMatchObject(JSON.parse(form) as object);
    }
  },
);
