/**
 * Goal: a key that a person makes lets a program in, counts what its jobs took exactly once, and ends when revoked.
 * Method: the real program; the node is killed while a job of the key runs, and then listens for other machines too.
 *
 * @see src/hosts/seats/keys.ts, KR1 KR2; src/actors/queen/news.ts, N6, keys.ts, AK4; src/hosts/seats/seat.ts, E3;
 *      src/net/guard.ts, D5
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { authorityFile } from "../../src/hosts/cluster/key-file.ts";
import type { TaskAccepted, TaskBody } from "../../src/protocol/api.ts";
import { keysView, type KeyView } from "../../src/protocol/key-api.ts";
import { waitUntil } from "../support/children.ts";
import { ask, type Reply } from "../support/http.ts";
import { keeper } from "../support/keeper.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";

const SHORT: TaskBody = { prompt: "What is a hive?", max_tokens: 6, temperature: 0 };
const LONG: TaskBody = { prompt: "Count", max_tokens: 400, temperature: 1, seed: 3 };

async function told(home: string, ...args: readonly string[]): Promise<string> {
  const run = keeper(["key", ...args], { home });
  if ((await run.exitCode) !== 0) throw new Error(run.stderr);
  return run.stdout;
}

const keyOf = async (node: TestNode): Promise<KeyView | undefined> =>
  keysView.parse((await node.call("GET", "/v2/keys")).json()).keys[0];

const TRACE = "0af7651916cd43dd8448eb211c80319c";

function send(node: TestNode, key: string, body: TaskBody): Promise<Reply> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${key}`,
    "x-request-id": "from-the-phone",
    traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  };
  const { protocol, port } = new URL(node.ready.url);
  const ca = protocol === "https:" ? readFileSync(authorityFile(node.home), "utf8") : undefined;
  const asked = { port: Number(port), method: "POST", path: "/v2/tasks", headers, body: JSON.stringify(body) };
  return ask({ ...asked, ...(ca !== undefined && { ca }) });
}

/** @returns the tokens that the job took */
async function tokensOf(node: TestNode, reply: Reply): Promise<number> {
  const { usage } = await node.outcome((reply.json() as TaskAccepted).job_id);
  return (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0);
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const kind = statSync(path);
    if (kind.isDirectory()) yield* filesBelow(path);
    else if (kind.isFile()) yield path;
  }
}

test("KR1 KR2 N6 D5 a key comes in, is counted once also over a crash, is limited, revoked, and stands in no file", async () => {
  const home = join(temporaryFolder(), "home");
  const first = await startNode({ home });
  const printed = await told(home, "create", "--name", "phone", "--limit", "4-requests/day");
  expect(printed).toMatch(/^rbee_[\w-]{43}\n$/);
  const key = printed.trim();

  const taken = await tokensOf(first, await send(first, key, SHORT));
  expect(await keyOf(first)).toMatchObject({ name: "phone", limits: ["4-requests/day"], today: { requests: 1 } });
  const running = await send(first, key, LONG);
  const job = (running.json() as TaskAccepted).job_id;
  for await (const event of first.events(job)) if (event.type === "token" && event.index > 2) break;
  await first.kill();

  const node = await startNode({ home, args: ["--listen", "0.0.0.0:0"] });
  const all = taken + (await tokensOf(node, running)) + (await tokensOf(node, await send(node, key, SHORT)));
  const view = await keyOf(node);
  const { total } = view ?? {};
  expect([total?.requests, (total?.tokensIn ?? 0) + (total?.tokensOut ?? 0)]).toEqual([3, all]);

  const cut = await send(node, key, { ...LONG, max_tokens: 4000 });
  const { job_id: cutJob } = cut.json() as TaskAccepted;
  for await (const event of node.events(cutJob)) if (event.type === "token" && event.index > 2) break;
  await node.call("DELETE", `/v2/tasks/${cutJob}`);
  await waitUntil(async () => ((await keyOf(node))?.total.tokensOut ?? 0) > (total?.tokensOut ?? 0) + 2, 10_000);

  const queen = {
    RBEE_QUEEN: node.ready.url.replace("0.0.0.0", "127.0.0.1"),
    NODE_EXTRA_CA_CERTS: authorityFile(home),
  };
  const stranger = keeper(["status"], { env: queen });
  const phone = keeper(["status", "--json"], { env: { ...queen, RBEE_TOKEN: key } });
  expect([await stranger.exitCode, await phone.exitCode]).toEqual([4, 0]);
  expect(stranger.stderr).toContain("request.unauthorized");

  const refused = await send(node, key, SHORT);
  expect([refusalIn(refused).code, Number(refused.headers["retry-after"]) > 0]).toEqual(["quota.exceeded", true]);
  expect(JSON.parse(await told(home, "list", "--json"))).toMatchObject({
    keys: [{ name: "phone", total: { requests: 4 } }],
  });

  expect(await told(home, "revoke", "phone")).toBe("phone revoked\n");
  expect(refusalIn(await send(node, key, SHORT))).toMatchObject({ status: 401, code: "request.unauthorized" });
  const why = await node.call("GET", `/v2/tasks/${job}/why`);
  const { id } = view ?? {};
  expect(why.json()).toMatchObject({
    key: id,
    request_id: "from-the-phone",
    traceparent: expect.stringContaining(TRACE),
  });
  expect(await node.stop()).toBe(143);
  const lines = readFileSync(join(home, "logs", "node.log"), "utf8").split("\n");
  const named = lines.filter((line) => line.includes("from-the-phone") && line.includes(TRACE));
  for (const event of ["job.admitted", "attempt.begun", "job.ended", "quota.exceeded", "request.unauthorized"]) {
    const line = named.find((one) => one.includes(event)) ?? "";
    expect([event, line !== "", line.includes(`"rbee.key.id":"${id}"`)]).toEqual([
      event,
      true,
      event !== "request.unauthorized",
    ]);
  }
  for (const path of filesBelow(home)) expect([path, readFileSync(path).includes(key)]).toEqual([path, false]);
});

test("AK4 E3 where keys are asked for, a job is known to its own key and to who sits at the node, and to nobody else", async () => {
  const home = join(temporaryFolder(), "home");
  const node = await startNode({ home, args: ["--listen", "0.0.0.0:0"] });
  const port = Number(new URL(node.ready.url).port);
  const ca = readFileSync(authorityFile(home), "utf8");
  const [own, other] = [
    (await told(home, "create", "--name", "own")).trim(),
    (await told(home, "create", "--name", "b")).trim(),
  ];
  const { job_id: job } = (await send(node, own, SHORT)).json() as TaskAccepted;
  await node.outcome(job);
  const asks = [
    ["GET", ""],
    ["GET", "/events"],
    ["GET", "/why"],
    ["DELETE", ""],
  ] as const;
  const statuses = async (key: string, name: string): Promise<readonly (readonly [number, string])[]> => {
    const headers = { authorization: `Bearer ${key}`, "x-request-id": "r" };
    const replies = asks.map(([method, rest]) => ask({ port, ca, method, path: `/v2/tasks/${name}${rest}`, headers }));
    return (await Promise.all(replies)).map(({ status, text }) => [status, text.replaceAll(name, "it")]);
  };
  const none = await statuses(other, "j987654");
  expect(none.map(([status]) => status)).toEqual([404, 404, 404, 404]);
  expect(await statuses(other, job)).toEqual(none);
  expect((await statuses(own, job)).map(([status]) => status)).toEqual([200, 200, 200, 202]);
  expect((await node.task(job)).state).toBe("done");
  expect((await node.call("GET", `/v2/tasks/${job}/why`)).status).toBe(200);
});
