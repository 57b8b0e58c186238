/**
 * Sentences about single requests: what is sent to the door, and how it is refused.
 *
 * @module
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect } from "vitest";
import { authorityFile } from "../../../src/hosts/cluster/key-file.ts";
import { type Ask, ask, rawConnection, type Reply } from "../../support/http.ts";
import { refusalIn, type TestNode } from "../../support/node-harness.ts";
import { step, type World } from "../world.ts";

const JSON_TYPE = { "content-type": "application/json" };

export const portOf = (node: TestNode): number => Number(new URL(node.ready.url).port);

/** Over TCP, as a stranger on this machine would. */
function send(world: World, body: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  return request(world, { method: "POST", path: "/v2/tasks", body, headers: { ...JSON_TYPE, ...headers } });
}

/** Over TLS, where its door speaks nothing else. */
export async function request(world: World, asked: Omit<Ask, "port">): Promise<void> {
  const { home, ready } = world.node;
  const ca = ready.url.startsWith("https:") ? { ca: readFileSync(authorityFile(home), "utf8") } : {};
  world.replies.push(await ask({ port: portOf(world.node), ...ca, ...asked }));
}

function expectRefusal(reply: Reply, status: number, code: string): void {
  expect(refusalIn(reply), reply.text).toMatchObject({ status, code, advice: expect.stringMatching(/\w/) });
}

const refused = ({ replies }: World): readonly Reply[] => replies.filter(({ status }) => status !== 202);

step("the task {json} is sent", (world, task) => send(world, task));
step("the task {json} is sent with the header {string} as {string}", (world, task, header, value) =>
  send(world, task, { [header]: value }),
);
step("the status is asked for over TCP, without any key", (world) => request(world, { path: "/v2/status" }));

step("the reply has status {int}", ({ reply }, status) => expect(reply.status).toBe(status));
step("it is refused with status {int} and code {string}", ({ reply }, status, code) =>
  expectRefusal(reply, status, code),
);
step("the refusal carries a message, the advice for it, and the field {string}", ({ reply }, field) => {
  expect(reply.json()).toMatchObject({ error: { message: expect.stringMatching(/\w/), details: { field } } });
  expect(refusalIn(reply).advice).toMatch(/\w/);
});

step("the refusal and its header carry one name of the request, which is {string}", ({ reply }, name) => {
  expect(reply.headers["x-request-id"]).toBe(name);
  expect(reply.json()).toMatchObject({ error: { request_id: name } });
});
step("the refusal and its header carry one name of the request, as it is given to each", async (world) => {
  const names = [world.reply.headers["x-request-id"]];
  expect(world.reply.json()).toMatchObject({ error: { request_id: names[0] } });
  await send(world, "{}");
  expect([names[0], world.reply.headers["x-request-id"]]).toEqual([
    expect.stringMatching(/^req_[0-9a-f-]{36}$/),
    expect.not.stringContaining(String(names[0])),
  ]);
});

step("each of these is refused with its status and code", async (world, rows) => {
  expect(rows.length).toBeGreaterThan(0);
  for (const [method = "", path = "", body = "", status, code = ""] of rows) {
    await request(world, { method, path, ...(body === "" ? {} : { body, headers: JSON_TYPE }) });
    expectRefusal(world.reply, Number(status), code);
  }
});

step("{string} of {string} is asked for over TCP", (world, method, path) => request(world, { method, path }));
step("the reply is JSON and no page", ({ reply }) => {
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.headers["content-type"]).toMatch(/^application\/json/);
  expect(reply.json()).toMatchObject({ error: { code: expect.stringMatching(/\w/) } });
});
step("none of the refusals tells of a file of this machine, an address of it, or a line of the program", (world) => {
  expect(world.replies.length).toBeGreaterThan(0);
  for (const { text } of world.replies) {
    for (const secret of [world.node.home, process.cwd(), tmpdir(), "/etc", "127.0.0.1", "    at ", ".ts:", ".js:"]) {
      expect(text).not.toContain(secret);
    }
  }
});
step("{int} requests that are none are sent at once", async (world, count) => {
  const bodies = ['{"prompt":', '{"prompt":1}', "[]", '{"prompt":"a","model":7}', '{"messages":[]}'];
  await Promise.all(Array.from({ length: count }, (_, place) => send(world, bodies[place % bodies.length] ?? "")));
  expect(world.replies).toHaveLength(count);
});
step("each refusal was answered", ({ replies }) => {
  for (const reply of replies) expectRefusal(reply, 400, "request.invalid");
});

step("{int} of them are accepted", ({ replies }, count) => {
  expect(replies.filter(({ status }) => status === 202)).toHaveLength(count);
});
step("{int} of them are refused with status {int} and code {string}", (world, count, status, code) => {
  expect(refused(world)).toHaveLength(count);
  for (const reply of refused(world)) expectRefusal(reply, status, code);
});
step("each refusal says in how many seconds to come again", (world) => {
  for (const { headers } of refused(world)) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
});
step("each refusal carries a code, a message, the advice for it, and how full the queue is", (world) => {
  expect(refused(world).length).toBeGreaterThan(0);
  for (const reply of refused(world)) {
    expectRefusal(reply, 429, "queue.full");
    expect(refusalIn(reply).details).toMatchObject({ queued: 3, max: 3 });
  }
});

step("the head of a request of {int} MiB is sent", async (world, mebibytes) => {
  const headers = ["host: localhost", "content-type: application/json", `content-length: ${mebibytes * 2 ** 20}`];
  const socket = await rawConnection(
    portOf(world.node),
    `${["POST /v2/tasks HTTP/1.1", ...headers].join("\r\n")}\r\n\r\n`,
  );
  socket.on("data", (bytes: Buffer) => (world.raw += String(bytes)));
  await once(socket, "close");
});
step("the connection is answered with {int} and {string}, and closed", ({ raw }, status, code) => {
  expect(raw.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
  expect(raw).toContain(`"${code}"`);
});
