/**
 * Sentences about jobs: how one is submitted, and what is done to it.
 *
 * @module
 */
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TaskAccepted, TaskBody } from "../../../src/protocol/api.ts";
import { writeRandomModel } from "../../../tools/starter/random-model.ts";
import { waitUntil } from "../../support/children.ts";
import { tokensIn } from "../../support/node-harness.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { endlessModel, hasEnded, step, type World } from "../world.ts";

const WITHIN_MS = 30_000;
const SHORT: TaskBody = { prompt: "What is a hive?", max_tokens: 12 };
const long = (tokens: number): TaskBody => ({ prompt: "Once", max_tokens: tokens, model: endlessModel() });

step("{string} is asked as {string}", async (world, prompt, name) => {
  await (
    await world.submit(name, { ...SHORT, prompt })
  ).reading;
});

step("{string} is asked of the model {string}", async (world, prompt, model) => {
  await (
    await world.submit("it", { ...SHORT, prompt, model })
  ).reading;
});

step("{string} is asked of another model", async (world, prompt) => {
  await (
    await world.submit("it", { ...SHORT, prompt, model: `file:${randomModel({ seed: 2 })}` })
  ).reading;
});

step("a job {string} of {int} tokens is submitted", (world, name, tokens) => world.submit(name, long(tokens)));
step("a job {string} of {int} tokens is submitted with priority {int}", (world, name, tokens, priority) =>
  world.submit(name, { ...long(tokens), priority }),
);
step("a job {string} of {int} tokens is submitted with a deadline of {int} ms", (world, name, tokens, ms) =>
  world.submit(name, { ...long(tokens), deadline_ms: ms }),
);
step(
  "a job {string} of {int} tokens is submitted with the key {string} and a deadline of {int} ms",
  (world, name, tokens, key, ms) => world.submit(name, { ...long(tokens), idempotency_key: key, deadline_ms: ms }),
);
step("{string} and {string} are one job", ({ jobs }, one, other) => {
  expect(jobs.get(one)?.id).toBe(jobs.get(other)?.id);
});
step("a job {string} is submitted with temperature {int} and seed {int}", async (world, name, temperature, seed) => {
  await (
    await world.submit(name, { ...long(100), temperature, seed })
  ).reading;
});

step("{int} jobs of {int} tokens are submitted at once", async (world, count, tokens) => {
  const names = Array.from({ length: count }, (_, index) => `job ${index + 1}`);
  await Promise.all(names.map((name) => world.submit(name, long(tokens))));
});

step("{string} is submitted twice at once with the idempotency key {string}", async (world, prompt, key) => {
  const body = { ...SHORT, prompt, idempotency_key: key };
  await Promise.all([world.submit("one", body), world.submit("two", body)]);
});

step("{int} jobs of {int} tokens are submitted at once and watched to their end", async (world, count, tokens) => {
  const names = Array.from({ length: count }, (_, index) => `job ${index + 1}`);
  await Promise.all(names.map((name) => world.submit(name, long(tokens))));
  await waitUntil(async () => {
    const slots = (await world.node.workers()).map(({ busySlots }) => busySlots);
    world.busiest = Math.max(world.busiest, ...slots);
    return [...world.jobs.values()].every(({ heard }) => hasEnded(heard));
  }, WITHIN_MS);
  expect(world.busiest).toBeGreaterThan(0);
});

async function send(world: World, tokens: number): Promise<void> {
  const reply = await world.node.call("POST", "/v2/tasks", long(tokens));
  world.replies.push(reply);
  if (reply.status !== 202) return;
  const { job_id: id } = reply.json() as TaskAccepted;
  world.jobs.set(id, { id, heard: [], reading: Promise.resolve() });
  world.follow(world.job(id));
}

step("{int} more jobs of {int} tokens are sent at once", (world, count, tokens) =>
  Promise.all(Array.from({ length: count }, () => send(world, tokens))),
);
step("another job is sent", (world) => send(world, 5));
step("a job that is sent again is accepted", async (world) => {
  await send(world, 5);
  expect(world.reply.status).toBe(202);
});

step("every job that was accepted has ended", ({ jobs }) =>
  waitUntil(() => [...jobs.values()].every(({ heard }) => hasEnded(heard)), WITHIN_MS),
);

step("{string} is answering", (world, name) => {
  const { heard } = world.job(name);
  return waitUntil(() => tokensIn(heard).length > 0, WITHIN_MS);
});

step("{string} is cancelled", async (world, name) => {
  expect((await world.node.call("DELETE", `/v2/tasks/${world.job(name).id}`)).status).toBe(202);
});

step("the client of {string} goes away and comes back", async (world, name) => {
  const { id } = world.job(name);
  const left = await world.node.openEvents(id);
  left.destroy();
  const [first] = tokensIn(world.job(name).heard);
  world.jobs.set(name, { id, heard: first === undefined ? [] : [first], reading: Promise.resolve() });
  world.follow(world.job(name));
});

step("a job with a schema that no grammar can hold is submitted", async (world) => {
  await (
    await world.submit("it", { ...SHORT, json_schema: { type: "string", pattern: "^a+$" } })
  ).reading;
});

function spoilt(spoil: (path: string) => void): string {
  const path = join(temporaryFolder(), "spoilt.gguf");
  writeRandomModel({ path, seed: 1, size: "tiny" });
  spoil(path);
  return path;
}

async function askOf(world: World, path: string): Promise<void> {
  await (
    await world.submit("it", { ...SHORT, model: `file:${path}` })
  ).reading;
}

step("a job is submitted for a model file that is none", (world) =>
  askOf(
    world,
    spoilt((path) => writeFileSync(path, "Dear diary, ".repeat(1_000))),
  ),
);
step("a job is submitted for a model file that was cut short", (world) =>
  askOf(
    world,
    spoilt((path) => truncateSync(path, 100_000)),
  ),
);
step("a job is submitted for a model file that is not there", (world) =>
  askOf(world, join(temporaryFolder(), "missing.gguf")),
);

step(
  "a job {string} of {int} tokens is submitted, and its worker is killed in each of its attempts",
  async (world, name, tokens) => {
    const told = await world.submit(name, long(tokens));
    let killedInAttempt = 0;
    await waitUntil(async () => {
      const attempts = told.heard.filter(({ type }) => type === "assigned").length;
      const [busy] = (await world.node.workers()).filter(({ busySlots }) => busySlots > 0);
      if (attempts > killedInAttempt && busy !== undefined && busy.pid > 0) {
        killedInAttempt = attempts;
        process.kill(busy.pid, "SIGKILL");
      }
      return hasEnded(told.heard);
    }, WITHIN_MS);
  },
);

step("a job {string} of {int} tokens is submitted, and its stream is opened and not read", async (world, name, n) => {
  const { job_id } = await world.node.submit({ ...long(n), temperature: 0 });
  world.jobs.set(name, { id: job_id, heard: [], reading: Promise.resolve() });
  world.unread = await world.node.openEvents(job_id);
});

step("the stream that was not read gives the whole of {string}, once each, in order", async (world, name) => {
  let text = "";
  for await (const piece of world.unread ?? []) text += String(piece);
  const indexes = [...text.matchAll(/^id: (\d+)$/gm)].map(([, index]) => Number(index));
  expect(indexes).toEqual(tokensIn(await world.node.hear(world.job(name).id)).map((_, place) => place));
  expect(text).toContain("event: done");
});
