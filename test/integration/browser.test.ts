/**
 * Goal: a web page is no local user. In a real browser a page of elsewhere can neither read what a door says nor make
 *       it do anything, whichever way it asks, and not when it has bound its name to this machine; a listed one can.
 * Method: a node with its hive's door, and a worker alone, each in its own process; pages that ask in every way a page
 *         can, also of a server that looks at nothing, which shows that what they send arrives.
 *
 * @see src/net/guard.ts, D1 D2 D7; src/net/serve.ts
 */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { listening, PageServer, rebinding } from "../support/browser.ts";
import { waitUntil } from "../support/children.ts";
import { ask } from "../support/http.ts";
import { needs } from "../support/needs.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";

const IN_BROWSER = { ...needs("chromium"), timeout: 400_000 };

const portOf = (url: string | undefined): number => Number(new URL(url ?? "").port);

/** What an attempt came to: its status and the beginning of what could be read, or how it was kept from the page. */
type Came = readonly [attempt: string, status: number | "kept", text: string];

interface Target {
  readonly base: string;
  readonly read: string;
  readonly write: string;
  readonly body: object;
}

/** What every page begins with. */
const HARNESS = `
const came = [];
const report = (to) => fetch(to, { method: "POST", mode: "no-cors", body: JSON.stringify(came) });
const tell = async (name, asked) => {
  try {
    const reply = await asked;
    const isKept = reply.type === "opaque";
    came.push([name, isKept ? "kept" : reply.status, isKept ? "" : (await reply.text()).slice(0, 300)]);
  } catch {
    came.push([name, "kept", ""]);
  }
};
const headers = { "content-type": "application/json" };
const json = (body) => ({ method: "POST", headers, body: JSON.stringify(body) });
`;

/** Asks each target in every way there is for a page of elsewhere. */
const attack = (targets: readonly Target[], reportTo: string): string => `${HARNESS}
const loaded = (element, parent) => new Promise((resolve) => {
  element.onload = () => resolve("loaded");
  element.onerror = () => resolve("failed");
  parent.append(element);
});
const part = async (name, kind, url) => {
  const element = document.createElement(kind);
  element.src = url;
  await loaded(element, document.body);
  let text = "";
  try { text = element.contentDocument?.body.innerText ?? ""; } catch {}
  came.push([name, text === "" ? "kept" : 200, text]);
};
const form = async (name, url, enctype, field) => {
  const frame = document.createElement("iframe");
  frame.name = name;
  const made = document.createElement("form");
  Object.assign(made, { action: url, method: "post", target: name, enctype });
  const input = document.createElement("input");
  Object.assign(input, { name: field, value: "" });
  made.append(input);
  document.body.append(frame, made);
  const done = new Promise((resolve) => (frame.onload = resolve));
  made.submit();
  await done;
  let text = "";
  try { text = frame.contentDocument?.body.innerText ?? ""; } catch {}
  came.push([name, text === "" ? "kept" : 200, text]);
};
for (const { base, read, write, body } of ${JSON.stringify(targets)}) {
  await tell("get " + base, fetch(base + read));
  await tell("get no-cors " + base, fetch(base + read, { mode: "no-cors" }));
  await tell("post json " + base, fetch(base + write, json(body)));
  await tell("post text " + base, fetch(base + write, { method: "POST", body: JSON.stringify(body) }));
  for (const referrerPolicy of ["unsafe-url", "no-referrer"]) {
    const simple = { method: "POST", mode: "no-cors", referrerPolicy };
    await tell("post simple " + referrerPolicy + base, fetch(base + write, { ...simple, body: JSON.stringify(body) }));
    await tell("post bare " + referrerPolicy + base, fetch(base + write, simple));
  }
  await tell("delete " + base, fetch(base + read, { method: "DELETE" }));
  await part("image " + base, "img", base + read);
  await part("script " + base, "script", base + read);
  await part("frame " + base, "iframe", base + read);
  for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    await form("form " + enctype + base, base + write, enctype, JSON.stringify(body));
  }
  navigator.sendBeacon(base + write, JSON.stringify(body));
}
await report(${JSON.stringify(reportTo)});
`;

/** Looks at nothing, as a program would that believes that only this machine asks. */
async function careless(): Promise<{ readonly base: string; readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.headers["content-type"]?.split(";")[0] ?? ""}`.trim());
    response.end("secret");
  });
  return { base: `http://127.0.0.1:${await listening(server)}`, heard };
}

async function workerAlone(): Promise<string> {
  const args = ["src/hosts/worker/worker.ts", "--model", randomModel(), "--port", "0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await waitUntil(() => said.includes("is loaded"), 60_000);
  return /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "";
}

const queenOf = (node: TestNode): Target => ({
  base: node.ready.url,
  read: "/v1/models",
  write: "/v2/tasks",
  body: { prompt: "spend my electricity" },
});

/** What a counter of the node has come to; all its labels together. */
async function counted(node: TestNode, name: string): Promise<number> {
  const lines = (await node.call("GET", "/metrics")).text.split("\n").filter((line) => line.startsWith(name));
  expect(lines).not.toEqual([]);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
const ADMITTED = "rbee_jobs_admitted_total";
const FORBIDDEN = 'rbee_requests_refused_total{error_type="request.forbidden"}';

test(
  "D1 D2 D7 a page of elsewhere reads nothing at any door, and nothing becomes of what it sends",
  IN_BROWSER,
  async () => {
    const node = await startNode();
    const [alone, open, page] = [await workerAlone(), await careless(), new PageServer()];
    const pagePort = await page.open();
    const targets: readonly Target[] = [
      queenOf(node),
      { base: node.ready.hive ?? "", read: "/v1/workers/list", write: "/v1/shutdown", body: {} },
      { base: alone, read: "/v1/ready", write: "/v1/admin/shutdown", body: {} },
      { base: open.base, read: "/", write: "/", body: {} },
    ];
    page.script = attack(targets, `http://127.0.0.1:${pagePort}/report`);
    const came = (await page.visit(`http://evil.example:${pagePort}/`)) as readonly Came[];
    expect(came).toHaveLength(targets.length * 15);
    expect(came.filter(([, status]) => status !== "kept")).toEqual([]);
    // Without a guard all of it would have arrived.
    const forms = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"].map(
      (type) => `POST ${type}`,
    );
    expect(new Set(open.heard)).toEqual(new Set(["GET", "POST", "OPTIONS", ...forms]));
    expect(await counted(node, ADMITTED)).toBe(0);
    expect(await counted(node, FORBIDDEN)).toBeGreaterThan(20);
    expect((await node.call("GET", "/ready")).status).toBe(200);
    expect((await ask({ port: portOf(node.ready.hive), path: "/v1/health" })).status).toBe(200);
    expect((await ask({ port: portOf(alone), path: "/v1/ready" })).status).toBe(200);
  },
);

test("D1 a page that has bound its own name to this machine is refused by every door", IN_BROWSER, async () => {
  const node = await startNode();
  for (const target of [
    queenOf(node),
    { base: node.ready.hive, read: "/v1/health", write: "/v1/shutdown", body: {} },
  ]) {
    const page = new PageServer();
    const pagePort = await page.open();
    const bound = await rebinding(pagePort, portOf(target.base));
    page.onFlip(bound.flip);
    page.script = `${HARNESS}
      await fetch("/flip");
      await tell("get", fetch(${JSON.stringify(target.read)}));
      await tell("post", fetch(${JSON.stringify(target.write)}, json(${JSON.stringify(target.body)})));
      await report("http://127.0.0.1:${pagePort}/report");`;
    const came = (await page.visit(`http://rebound.example:${bound.port}/`)) as readonly Came[];
    expect(came.map(([name, status]) => [name, status])).toEqual([
      ["get", 403],
      ["post", 403],
    ]);
    for (const [, , text] of came) expect(text).toContain("request.forbidden");
  }
  expect(await counted(node, ADMITTED)).toBe(0);
  expect((await node.call("GET", "/ready")).status).toBe(200);
});

test(
  "D2 a page whose origin is listed reads and writes, with the headers of its client's library",
  IN_BROWSER,
  async () => {
    const page = new PageServer();
    const pagePort = await page.open();
    const origin = `http://app.example:${pagePort}`;
    const node = await startNode({ env: { RBEE_CORS_ORIGINS: origin } });
    page.script = `${HARNESS}
    const base = ${JSON.stringify(node.ready.url)};
    await tell("models", fetch(base + "/v1/models"));
    const body = { model: "starter", messages: [{ role: "user", content: "What is a hive?" }], stream: true };
    const asked = json(body);
    Object.assign(asked.headers, { authorization: "Bearer any", "x-stainless-os": "Unknown" });
    await tell("chat", fetch(base + "/v1/chat/completions", asked));
    const reply = await fetch(base + "/v2/tasks", json({ prompt: "" }));
    came.push(["id", reply.status, reply.headers.get("x-request-id") ?? ""]);
    await report("http://127.0.0.1:${pagePort}/report");`;
    const came = (await page.visit(`${origin}/`)) as readonly Came[];
    expect(came.map(([name, status]) => [name, status])).toEqual([
      ["models", 200],
      ["chat", 200],
      ["id", 202],
    ]);
    expect(came[0]?.[2]).toContain('"starter"');
    expect(came[1]?.[2]).toContain("chat.completion.chunk");
    expect(came[2]?.[2]).toMatch(/^req_/);
  },
);
