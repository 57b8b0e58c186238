/**
 * Sentences about what a client of a job is shown, and how the job ends.
 *
 * @module
 */
import { expect } from "vitest";
import { whyView } from "../../../src/protocol/why-api.ts";
import { waitUntil } from "../../support/children.ts";
import { type HeardEvent, textIn, tokensIn } from "../../support/node-harness.ts";
import { hasEnded, step, type Told, type World } from "../world.ts";

const WITHIN_MS = 40_000;

/** Hears it to its end. */
async function endOf(world: World, name: string): Promise<HeardEvent> {
  const { heard } = world.job(name);
  await waitUntil(() => hasEnded(heard), WITHIN_MS);
  const ends = heard.filter(({ type }) => type === "done" || type === "error");
  expect(ends).toHaveLength(1);
  return heard.at(-1) as HeardEvent;
}

function expectInOrder({ heard }: Told): void {
  const indexes = tokensIn(heard).map(({ index }) => index);
  expect(indexes.length).toBeGreaterThan(0);
  expect(indexes).toEqual(indexes.map((_, place) => place));
}

step("{string} was told {string} and {string} before its first token", (world, name, first, second) => {
  const types = world.job(name).heard.map(({ type }): string => type);
  expect(types.slice(0, types.indexOf("token"))).toEqual(expect.arrayContaining([first, second]));
});
step("{string} was told {string}", (world, name, type) =>
  waitUntil(() => world.job(name).heard.some((event) => event.type === type), WITHIN_MS),
);

step("{string} is queued", async (world, name) => {
  expect((await world.node.task(world.job(name).id)).state).toBe("queued");
});

step("{string} is done", async (world, name) => {
  expect(await endOf(world, name)).toMatchObject({ type: "done" });
  expect((await world.node.outcome(world.job(name).id)).state).toBe("done");
});
step("{string} is done with {int} tokens", async (world, name, tokens) => {
  expect(await endOf(world, name)).toMatchObject({ type: "done", total_tokens: tokens });
});
step("{string} was shown to its end, with {int} tokens", async (world, name, tokens) => {
  expect(await endOf(world, name)).toMatchObject({ type: "done", total_tokens: tokens });
  expectInOrder(world.job(name));
});
step("{string} is done, with as many tokens as were shown", async (world, name) => {
  expect(await endOf(world, name)).toMatchObject({ total_tokens: tokensIn(world.job(name).heard).length });
});
step("each of them is done with {int} tokens", async (world, tokens) => {
  for (const name of world.jobs.keys()) {
    expect(await endOf(world, name)).toMatchObject({ type: "done", total_tokens: tokens });
  }
});

step("{string} has failed with {string}", async (world, name, code) => {
  expect(await endOf(world, name)).toMatchObject({ type: "error", code });
  await waitUntil(async () => (await world.node.task(world.job(name).id)).error?.code === code, WITHIN_MS);
});
step("it has failed with {string}", async (world, code) => {
  expect(await endOf(world, "it")).toMatchObject({ type: "error", code });
});
step("it is done", async (world) => {
  expect(await endOf(world, "it")).toMatchObject({ type: "done" });
});
step("it is done, and was told of the {string} and of the {string} before its first token", async (world, one, two) => {
  expect(await endOf(world, "it")).toMatchObject({ type: "done" });
  const { heard } = world.job("it");
  const before = heard.slice(
    0,
    heard.findIndex(({ type }) => type === "token"),
  );
  const steps = before.flatMap((event) => (event.type === "loading" ? [event.step] : []));
  expect([...new Set(steps)]).toEqual([one, two]);
});
step("its stream and its record give the same code, and the stream says what to do", async (world) => {
  const end = await endOf(world, "it");
  expect(end).toMatchObject({ type: "error", advice: expect.stringMatching(/\w/) });
  const view = await world.node.outcome(world.job("it").id);
  expect({ type: "error", ...view.error }).toMatchObject({ code: end.type === "error" ? end.code : "" });
});

step("{string} is cancelled, and says so with {string}", async (world, name, code) => {
  expect(await endOf(world, name)).toMatchObject({ type: "error", code });
  expect(await world.node.task(world.job(name).id)).toMatchObject({ state: "cancelled", error: { code } });
});
step("no token of {string} comes after that", async (world, name) => {
  const { id, heard } = world.job(name);
  expect(tokensIn(await world.node.hear(id))).toHaveLength(tokensIn(heard).length);
});
step("{string} was never assigned", (world, name) => {
  expect(world.job(name).heard.map(({ type }) => type)).not.toContain("assigned");
});

step("the tokens of {string} were shown once each, in order", (world, name) => expectInOrder(world.job(name)));
step("the tokens of each of them were shown once each, in order", ({ jobs }) => {
  for (const told of jobs.values()) expectInOrder(told);
});
step("{string} and {string} said the same", (world, one, other) => {
  expect(textIn(world.job(one).heard)).toBe(textIn(world.job(other).heard));
});
step("{string} and {string} said something else", (world, one, other) => {
  expect(textIn(world.job(one).heard)).not.toBe(textIn(world.job(other).heard));
});

step("{string} and {string} were answered by that worker", async (world, one, other) => {
  for (const name of [one, other]) {
    expect(await endOf(world, name)).toMatchObject({ type: "done", worker: world.worker.id });
  }
});
step("{string} was answered by that worker", async (world, name) => {
  expect(await endOf(world, name)).toMatchObject({ type: "done", worker: world.worker.id });
});
step("{string} was answered by another worker than {string}", async (world, one, other) => {
  const ends = [await endOf(world, one), await endOf(world, other)];
  const workers = ends.map((end) => end.type === "done" && end.worker);
  expect(new Set(workers).size).toBe(2);
});
step("{string} was told how far its model was loaded, up to all of it, before its first token", (world, name) => {
  const { heard } = world.job(name);
  const before = heard.slice(
    0,
    heard.findIndex(({ type }) => type === "token"),
  );
  const fractions = before.flatMap((event) =>
    event.type === "loading" && event.step === "load" ? [event.fraction] : [],
  );
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});
step("another worker answered {string}", async (world, name) => {
  const end = await endOf(world, name);
  expect(end.type === "done" && end.worker).not.toBe(world.worker.id);
});
step("{string} took {int} attempts, the last on another worker", async (world, name, attempts) => {
  const end = await endOf(world, name);
  expect(end).toMatchObject({ type: "done", attempts });
  expect(end.type === "done" && end.worker).not.toBe(world.worker.id);
});

step("{string} took {int} attempts", async (world, name, attempts) => {
  expect(await endOf(world, name)).toMatchObject({ type: "done", attempts });
});
step("{string} was told so within {int} ms of its submission", async (world, name, ms) => {
  const told = world.job(name);
  await told.reading;
  const { submittedMs = 0, endedMs = Infinity } = told;
  expect(endedMs - submittedMs).toBeLessThan(ms);
});

step("{string} was assigned before {string}", async (world, one, other) => {
  for (const name of [one, other]) await endOf(world, name);
  const places = [one, other].map((name) => world.assigned.indexOf(world.job(name).id));
  expect(places).not.toContain(-1);
  expect(places[0]).toBeLessThan(places[1] ?? 0);
});

step("both are the same job", ({ jobs }) => {
  expect(jobs.get("one")?.id).toBe(jobs.get("two")?.id);
});
step("both are the same job as before", (world) => {
  expect(new Set(["one", "two", "before"].map((name) => world.job(name).id)).size).toBe(1);
});
step("that job is done", async (world) => {
  expect(await endOf(world, "one")).toMatchObject({ type: "done" });
  world.jobs.set("before", world.job("one"));
});
step("its tokens were shown once each, in order", async (world) => {
  await endOf(world, "one");
  expectInOrder(world.job("one"));
});

step("it is asked why of {string}", async (world, name) => {
  const reply = await world.node.call("GET", `/v2/tasks/${world.job(name).id}/why`);
  expect(reply.status, reply.text).toBe(200);
  world.replies.push(reply);
});
step("it is told that its worker has {string}", ({ reply }, text) => {
  expect(whyView.parse(reply.json()).attempts[0]?.load?.why).toContain(text);
});
step("its record names the worker, the reason for it, and the tokens that were used", async (world) => {
  const { id, heard } = world.job("the question");
  const view = await world.node.outcome(id);
  expect(view).toMatchObject({ worker: expect.stringMatching(/^w\d+$/), why: expect.stringMatching(/\w/) });
  expect(view.usage?.completion_tokens).toBe(tokensIn(heard).length);
});
step("nothing is queued and nothing runs", async ({ node }) => {
  expect((await node.status()).queen.queue).toMatchObject({ length: 0, running: 0 });
});
