/**
 * Goal: whatever comes over a socket to the door of a node or of a worker is answered with a code of the error table or
 *       cut, within bounds of time and memory, and whoever else is served does not notice (S1, S2 of serve.ts; RM9).
 * Method: the real programs; raw bytes over TCP, requests that are nearly right, requests made to hurt. After each of
 *       them somebody else is answered.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isErrorCode } from "../../../src/protocol/errors.ts";
import { stopwatch } from "../../support/children.ts";
import { ask, post } from "../../support/http.ts";
import { startNode, type TestNode } from "../../support/node-harness.ts";
import { responsesIn, throwAt } from "../../support/raw-door.ts";
import { temporaryHome } from "../../support/temporary.ts";
import { randomModel } from "../../support/tiny-models.ts";
import { anyBytes, anyValue, inPieces } from "./hostile.ts";
import { peakMebibytesOf } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const GROWTH_MEBIBYTES_MAX = 256;
const ANSWERED_WITHIN_MS = 2_000;

interface Door {
  readonly port: number;
  readonly pid: number;
  readonly peakMebibytes: number;
  /** A request that anybody may make, and that is answered in any state. */
  readonly path: string;
  readonly work: string;
  readonly said: () => string;
}

const doors: Partial<Record<"node" | "worker", Door>> = {};
let node: TestNode | undefined;
let worker: ChildProcess | undefined;

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

beforeAll(async () => {
  const { home, remove } = temporaryHome();
  node = await startNode({ home, lastly: (end) => void ends.push(end) });
  ends.push(remove);
  const nodePort = Number(new URL(node.ready.url).port);
  await node.run({ prompt: "What is a hive?", max_tokens: 2 });
  doors.node = doorOf(nodePort, node.pid, "/health", "/v2/tasks", () => node?.stderr ?? "");

  worker = spawn(process.execPath, ["src/hosts/worker/worker.ts", "--model", randomModel()], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  ends.push(() => worker?.kill("SIGKILL"));
  let said = "";
  worker.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  while (!said.includes("the model is loaded")) await once(worker.stderr ?? worker, "data");
  const workerPort = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
  doors.worker = doorOf(workerPort, worker.pid ?? 0, "/v1/ready", "/v1/execute", () => said);
});

const doorOf = (port: number, pid: number, path: string, work: string, said: () => string): Door => ({
  port,
  pid,
  path,
  work,
  said,
  peakMebibytes: peakMebibytesOf(pid),
});

function doorNamed(name: "node" | "worker"): Door {
  const door = doors[name];
  if (door === undefined) throw new Error(`no ${name}`);
  return door;
}

/** Whoever comes next is served at once, and the program has not complained. */
async function expectUnmoved({ port, path, said, pid, peakMebibytes }: Door): Promise<void> {
  const elapsedMs = stopwatch();
  const reply = await ask({ port, path });
  expect(reply.status, said()).toBe(200);
  expect(elapsedMs()).toBeLessThan(ANSWERED_WITHIN_MS);
  expect(said()).not.toMatch(/its thread ended|Error:|defect/);
  expect(peakMebibytesOf(pid) - peakMebibytes, "MiB more than at rest").toBeLessThan(GROWTH_MEBIBYTES_MAX);
}

/** Each answer is one of ours, and never the one that says "this is a bug". */
function expectOurs(heard: string): void {
  for (const { status, body } of responsesIn(heard)) {
    // 100 asks a client that closed its side whether it is still there.
    expect([100, 200, 202, 204, 400, 403, 404, 408, 413, 415, 429], body.slice(0, 300)).toContain(status);
    const code = /"code":"([a-z.]+)"/.exec(body)?.[1];
    if (status >= 400) expect(isErrorCode(code ?? ""), body.slice(0, 300)).toBe(true);
    expect(code).not.toBe("defect");
  }
}

const head = (method: string, path: string, headers: readonly string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, "Host: localhost", ...headers].join("\r\n")}\r\n\r\n`;
const JSON_TYPE = "Content-Type: application/json";
/** With its answer the connection ends: nobody has to wait until nothing more comes. */
const posted = (path: string, body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(head("POST", path, [JSON_TYPE, "Connection: close", `Content-Length: ${body.length}`])),
    body,
  ]);

const word = fc.string({ unit: "binary", maxLength: 12 });
const method = fc.oneof(fc.constantFrom("GET", "POST", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", "PRI"), word);
const target = fc.oneof(
  fc.constantFrom(
    "/",
    "*",
    "/v2/tasks",
    "/v2/tasks/%",
    "/v2/tasks/%ff%00",
    "http://evil/",
    "//",
    "/../..",
    "/v1/execute",
  ),
  fc.webPath(),
  fc.integer({ min: 1_000, max: 30_000 }).map((length) => `/${"a".repeat(length)}`),
  word,
);
const header = fc.oneof(
  fc.constantFrom(
    ...[
      "Host: localhost",
      "Host: a\r\nHost: b",
      "Content-Length: 5",
      "Content-Length: -1",
      "Content-Length: 99999999999",
    ],
    ...["Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"],
    ...["Transfer-Encoding: chunked\r\nContent-Length: 3", "Expect: 100-continue", "Upgrade: websocket", " folded: a"],
    ...["Connection: upgrade", "Last-Event-ID: -1", "Origin: null", "Content-Encoding: gzip", JSON_TYPE, "no colon"],
  ),
  fc.tuple(word, word).map(([name, value]) => `${name}: ${value}`),
  fc.integer({ min: 1_000, max: 60_000 }).map((length) => `X-Long: ${"a".repeat(length)}`),
);
const request = fc
  .tuple(
    method,
    target,
    fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "", "SIP/2.0"),
    fc.array(header, { maxLength: 5 }),
  )
  .map(([verb, path, version, headers]) =>
    Buffer.from(`${[`${verb} ${path} ${version}`, ...headers].join("\r\n")}\r\n\r\n`, "latin1"),
  );
const chunks = fc
  .constantFrom("5\r\nhello\r\n0\r\n\r\n", "fffffffff\r\n", "-1\r\n", "5;x=y\r\nhel", "zz\r\n")
  .map((text) => Buffer.from(text));
const rawStream = fc.oneof(
  anyBytes,
  fc
    .array(fc.oneof(request, request, chunks, anyBytes), { minLength: 1, maxLength: 6 })
    .map((all) => Buffer.concat(all)),
);

const deep = fc
  .tuple(
    fc.constantFrom(100, 5_000, 100_000),
    fc.constantFrom(['{"a":', "}"], ["[", "]"], ['{"properties":{"a":', "}}"]),
  )
  .map(([levels, [open = "", close = ""]]) => `${open.repeat(levels)}1${close.repeat(levels)}`);
const field = fc.constantFrom(
  ..."prompt messages input model max_tokens temperature seed json_schema priority deadline_ms".split(" "),
  ..."capability privacy node idempotency_key stream job_id attempt __proto__ constructor toString".split(" "),
);
const odd = fc.oneof(
  anyValue.map((value) => JSON.stringify(value) ?? "null"),
  fc.constantFrom('"\\ud800"', '"\\u0000"', "1e999", "-0", '{"__proto__":{"a":1}}', "[[]]", '""', '"file:/etc/passwd"'),
  deep,
);
const bodyText = fc
  .array(fc.tuple(field, odd), { maxLength: 5 })
  .map(
    (pairs) =>
      `{${[["prompt", '"a"'], ["max_tokens", "2"], ...pairs].map(([name, text]) => `"${name}":${text}`).join(",")}}`,
  );
const body = fc.oneof(
  { weight: 4, arbitrary: bodyText.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: deep.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: anyBytes },
  {
    weight: 1,
    arbitrary: fc.tuple(bodyText, fc.nat()).map(([text, at]) => Buffer.from(text).subarray(0, at % text.length)),
  },
);

describe.each(["node", "worker"] as const)("the door of a %s", (name) => {
  test(`S1 S2 any bytes are answered as ours or cut, whole, in pieces or left half-open (seed ${SEED})`, async () => {
    const door = doorNamed(name);
    const cuts = fc.array(fc.nat(2_000), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rawStream, cuts, fc.boolean(), async (bytes, places, end) => {
        expectOurs(await throwAt(door.port, inPieces(bytes, places), end));
        await expectUnmoved(door);
      }),
      { numRuns: 60 },
    );
  }, 90_000);

  test(`S1 S2 any body is taken or refused, and nothing of it breaks what runs behind the door (seed ${SEED})`, async () => {
    const door = doorNamed(name);
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        expectOurs(await throwAt(door.port, [posted(door.work, bytes)], false));
        await expectUnmoved(door);
      }),
      { numRuns: 60 },
    );
  }, 90_000);

  test("S2 connections that say nothing, or half a head, keep nobody else out", async () => {
    const door = doorNamed(name);
    const half = [
      Buffer.from("GET / HT"),
      Buffer.from(head("POST", door.work, ["Content-Length: 100"])),
      Buffer.alloc(0),
    ];
    const open = Array.from({ length: 120 }, (_, index) =>
      throwAt(door.port, [half[index % 3] ?? Buffer.alloc(0)], false),
    );
    await expectUnmoved(door);
    for (const heard of await Promise.all(open)) expectOurs(heard);
    await expectUnmoved(door);
  });

  test("S1 a pipeline of many requests is answered in order, each with its own status", async () => {
    const door = doorNamed(name);
    const paths = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? door.path : `/nowhere-${index}`));
    const heard = await throwAt(door.port, [Buffer.from(paths.map((path) => head("GET", path, [])).join(""))], false);
    expect(responsesIn(heard).map(({ status }) => status)).toEqual(
      paths.map((_, index) => (index % 2 === 0 ? 200 : 404)),
    );
  });
});

const many = (count: number, name: string): Record<string, object> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, { type: "string" }]));

test.each([
  ["a list of 50,000 choices", { enum: Array.from({ length: 50_000 }, (_, index) => `choice ${index}`) }],
  ["a choice of a megabyte", { enum: ["x".repeat(1_000_000)] }],
  ["3,000 properties", { type: "object", properties: many(3_000, "p") }],
  ["names of 4,000 parts", { type: "object", $defs: many(4_000, "d"), properties: many(4_000, "p") }],
  ["a name that means itself", { $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }],
])("a schema with %s fails its own job alone, and costs no worker", async (_what, schema) => {
  const { port } = doorNamed("node");
  const before = (await node?.workers())?.map(({ id }) => id);
  const accepted = await post(port, "/v2/tasks", { prompt: "a", max_tokens: 2, json_schema: schema });
  if (accepted.status === 202) {
    const { job_id } = accepted.json() as { job_id: string };
    expect((await node?.outcome(job_id))?.error?.code).toBe("schema.unsupported");
  } else expect([accepted.status, accepted.text]).toEqual([400, expect.stringContaining("schema.unsupported")]);
  expect((await node?.workers())?.map(({ id }) => id)).toEqual(before);
});
