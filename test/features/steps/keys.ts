/**
 * Sentences about API keys: who has one, what is asked with it, and how the door answers.
 *
 * In a header `<phone>` stands for the key that is called phone.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";
import { authorityFile, authorityKeyFile, clusterDirOf, doorKeyFile } from "../../../src/hosts/cluster/key-file.ts";
import { fingerprintOf, hashOf } from "../../../src/net/guard.ts";
import type { TaskAccepted } from "../../../src/protocol/api.ts";
import { keyCreated, keysView } from "../../../src/protocol/key-api.ts";
import { ask, type Reply } from "../../support/http.ts";
import { refusalIn, type TestNode } from "../../support/node-harness.ts";
import { step, type World } from "../world.ts";
import { linesOf, untilLine } from "./logs.ts";
import { portOf, request } from "./requests.ts";

const STATUS = "/v2/status";
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const filled = (text: string, { keys }: World): string =>
  text.replaceAll(/<(\w+)>/g, (_, name: string) => keys.get(name) ?? "");

/** One that an earlier scenario left goes first. */
async function makeKey({ node, keys }: World, name: string): Promise<void> {
  await node.call("DELETE", `/v2/keys/${name}`);
  const reply = await node.call("POST", "/v2/keys", { name });
  expect(reply.status, reply.text).toBe(201);
  keys.set(name, keyCreated.parse(reply.json()).key);
}
step("a key {string}", makeKey);
step("the key {string} is revoked", async ({ node }, name) => {
  expect((await node.call("DELETE", `/v2/keys/${name}`)).status).toBe(200);
});
step("no key", async ({ node }) => {
  const { keys } = keysView.parse((await node.call("GET", "/v2/keys")).json());
  for (const { name } of keys) await node.call("DELETE", `/v2/keys/${name}`);
});

async function statusWith(world: World, headers: Readonly<Record<string, string>>): Promise<number> {
  await request(world, { path: STATUS, headers });
  return world.reply.status;
}
step("the status, asked for with each of these headers, is answered so", async (world, rows) => {
  expect(rows.length).toBeGreaterThan(0);
  for (const [header = "", value = "", status] of rows) {
    const sent = filled(value, world);
    expect([header, sent, await statusWith(world, { [header]: sent })]).toEqual([header, sent, Number(status)]);
  }
});
step("each of these methods is refused without a key", async (world, rows) => {
  for (const [method = ""] of rows) {
    await request(world, { method, path: STATUS });
    expect([method, world.reply.status]).toEqual([method, 401]);
  }
});
step(
  "the status is asked for {int} times at once, every other time with the key {string}",
  async (world, count, name) => {
    const asked = Array.from({ length: count }, async (_, place) => {
      const headers = place % 2 === 0 ? {} : bearer(world.keys.get(name) ?? "");
      return (await ask({ port: portOf(world.node), path: STATUS, headers, ca: authorityOf(world.node) })).status;
    });
    const statuses = await Promise.all(asked);
    expect(statuses).toEqual(statuses.map((_, place) => (place % 2 === 0 ? 401 : 200)));
  },
);
const authorityOf = ({ home }: TestNode): string => readFileSync(authorityFile(home), "utf8");

step("the status is asked for in the clear", async (world) => {
  world.replies.push(await ask({ port: portOf(world.node), path: STATUS }));
});
step("the refusal says by what a client shows its key", ({ reply }) => {
  expect(reply.headers["www-authenticate"]).toBe("Bearer");
});
step("the refusals differ in nothing but the name of their request", ({ replies }) => {
  const bodies = replies.map(({ status, text, headers }) => [
    status,
    text.replaceAll(String(headers["x-request-id"]), ""),
  ]);
  expect(bodies.length).toBeGreaterThan(1);
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
});

const described = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

step("all that its door describes is refused without a key, but for the ways in of machines", async (world, rows) => {
  const { paths } = described.parse((await world.node.call("GET", "/openapi.json")).json());
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
  );
  expect(all.length).toBeGreaterThan(50);
  const open: string[] = [];
  for (const [method, path] of all) {
    await request(world, { method, path: path.replaceAll(/\{\w+\}/g, "x") });
    if (world.reply.status !== 401) open.push(path);
  }
  expect(open).toEqual(rows.map(([path]) => path));
});

step("the task {json} is sent with the key {string}", (world, task, name) => {
  const headers = { "content-type": "application/json", ...bearer(world.keys.get(name) ?? "") };
  return request(world, { method: "POST", path: "/v2/tasks", body: task, headers });
});
step("it is accepted, and its events, asked for with the key {string}, end with an answer", async (world, name) => {
  const { job_id: id } = world.reply.json() as TaskAccepted;
  world.jobs.set("it", { id, heard: [], reading: Promise.resolve() });
  world.follow(world.job("it"));
  await request(world, { path: `/v2/tasks/${id}/events`, headers: bearer(world.keys.get(name) ?? "") });
  expect(world.reply.text).toMatch(/event: token\n/);
  expect(world.reply.text).toMatch(/event: done\n[^\n]*\n\n$/);
});
step("its events, asked for with the key {string}, are those of a job that never was", async (world, name) => {
  await request(world, { path: `/v2/tasks/${world.job("it").id}/events`, headers: bearer(world.keys.get(name) ?? "") });
  expect(refusalIn(world.reply)).toMatchObject({ status: 404, code: "request.not.found" });
});

const doorOf = async (port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Reply> =>
  ask({ port, path, headers });
step("the door of that worker lets nobody in, the key {string} neither", async (world, name) => {
  for (const headers of [{}, bearer(world.keys.get(name) ?? "")]) {
    expect((await doorOf(world.worker.port, "/v1/ready", headers)).status).toBe(401);
  }
});
step("the door of the hive refuses the key {string}", async (world, name) => {
  const port = Number(new URL(world.node.ready.hive ?? "").port);
  expect((await doorOf(port, "/v1/workers/list", bearer(world.keys.get(name) ?? ""))).status).toBe(401);
});

step("{int} different wrong keys are sent one after the other", async (world, count) => {
  for (let place = 0; place < count; place += 1) await statusWith(world, bearer(`rbee_guess${place}`));
});
step("it is said in how many seconds to come again", ({ reply }) => {
  expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
});

step("the log says {string} of the key {string}, by its id, name and fingerprint", async (world, event, name) => {
  const fingerprint = fingerprintOf(hashOf(world.keys.get(name) ?? ""));
  await untilLine(world, { "event.name": event, "rbee.key.name": name, "rbee.key.fingerprint": fingerprint });
});
step("the log says of the job which key brought it: that of {string}", async (world, name) => {
  const fingerprint = fingerprintOf(hashOf(world.keys.get(name) ?? ""));
  const made = linesOf(world.node).find((line) => line["rbee.key.fingerprint"] === fingerprint);
  expect(made?.["rbee.key.id"]).toMatch(/^k\d+$/);
  for (const event of ["job.admitted", "job.ended"]) {
    await untilLine(world, {
      "event.name": event,
      "rbee.job.id": world.job("it").id,
      "rbee.key.id": made?.["rbee.key.id"],
    });
  }
});
step("the log says where the refused key {string} came from, and its fingerprint", (world, key) =>
  untilLine(world, {
    "event.name": "request.refused",
    "error.type": "request.unauthorized",
    "client.address": "127.0.0.1",
    "rbee.key.fingerprint": fingerprintOf(hashOf(filled(key, world))),
  }),
);
step(
  "no file that is watched, nor its metrics, holds the key {string} or {string}",
  async ({ node, keys }, name, other) => {
    const metrics = await node.call("GET", "/metrics");
    for (const text of [JSON.stringify(linesOf(node)), node.stderr, node.stdout, metrics.text]) {
      for (const secret of [keys.get(name) ?? "", other]) expect(text).not.toContain(secret.replace("rbee_", ""));
    }
  },
);

step("its authority and its door have a key file each, for its owner alone", ({ node }) => {
  const files = [authorityKeyFile(node.home), doorKeyFile(node.home)];
  for (const file of files) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
  expect(new Set(files.map((file) => readFileSync(file, "utf8"))).size).toBe(files.length);
  expect(statSync(clusterDirOf(node.home)).mode & 0o777).toBe(0o700);
});
