/**
 * Goal: nothing that was asked, said or entrusted to a node stands in clear where it is watched from: its logs, its
 *       workers' logs, its metrics, its stderr, the bundle of a run that failed (interfaces: Security).
 * Method: a real node is given words that occur nowhere else, as prompt, messages, schema, key, token and path; jobs
 *         succeed, fail, are refused, lose their worker; then every byte is searched for each of these words.
 *
 * The folder `state` holds the work itself, the journals and what was said, so it must and does hold them: there the
 * same search finds some, which shows that it finds.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { TaskBody } from "../../src/protocol/api.ts";
import { writeBundle } from "../support/bundle.ts";
import { ask } from "../support/http.ts";
import { startNode, type TestNode, textIn } from "../support/node-harness.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const WORDS = {
  prompt: "quetzalprompt",
  message: "quetzalmessage",
  schema: "quetzalschema",
  field: "quetzalfield",
  value: "quetzalvalue",
  path: "quetzalpath",
  query: "quetzalquery",
  key: "sk-quetzalkey",
  token: "hf_quetzaltoken",
  folder: "quetzalfolder",
  model: "quetzalmodel",
  killed: "quetzalkilled",
  overflow: "quetzaloverflow",
  text: "quetzalembedded",
} as const;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** @returns `FILE: WORD` for each that is found */
const foundIn = (folder: string, words: readonly string[]): string[] =>
  filesBelow(folder).flatMap((file) => {
    const bytes = readFileSync(file).toString("latin1");
    return words.filter((word) => bytes.includes(word)).map((word) => `${file.slice(folder.length)}: ${word}`);
  });

/** A model in a folder whose name is nobody's business. */
function secretModel(): string {
  const folder = join(temporaryFolder(), WORDS.folder);
  mkdirSync(folder);
  const path = join(folder, "model.gguf");
  copyFileSync(randomModel({ endless: true }), path);
  return `file:${path}`;
}

async function overTcp(node: TestNode, method: string, path: string, body?: object): Promise<number> {
  const headers = { authorization: `Bearer ${WORDS.key}`, "x-api-key": WORDS.key, "content-type": "application/json" };
  const port = Number(new URL(node.ready.url).port);
  return (await ask({ port, method, path, headers, ...(body && { body: JSON.stringify(body) }) })).status;
}

/** @returns what the model said */
async function succeed(node: TestNode): Promise<string> {
  const schema = { type: "object", properties: { [WORDS.schema]: { type: "string" } }, required: [WORDS.schema] };
  const tasks: readonly TaskBody[] = [
    { prompt: `What is a queen, ${WORDS.prompt}?`, max_tokens: 24 },
    { messages: [{ role: "user", content: `What is a hive, ${WORDS.message}?` }], max_tokens: 24 },
    { prompt: "Say it", json_schema: schema, max_tokens: 40 },
    { capability: "embedding", input: [WORDS.text] },
  ];
  let said = "";
  for (const task of tasks) {
    const heard = await node.run(task);
    expect(heard.at(-1)?.type).toBe("done");
    said ||= textIn(heard);
  }
  expect(said.length).toBeGreaterThan(20);
  return said;
}

async function fail(node: TestNode): Promise<void> {
  const long = `${WORDS.overflow} `.repeat(20_000);
  expect((await node.run({ prompt: long })).at(-1)).toMatchObject({ type: "error", code: "context.overflow" });
  for (const model of [WORDS.model, `file:/${WORDS.folder}/${WORDS.model}.gguf`]) {
    expect((await node.run({ prompt: WORDS.prompt, model })).at(-1)?.type).toBe("error");
  }
}

async function beRefused(node: TestNode): Promise<void> {
  expect(await overTcp(node, "POST", "/v2/tasks", { prompt: "a", [WORDS.field]: WORDS.value })).toBe(400);
  expect(await overTcp(node, "POST", "/v2/tasks", { prompt: "a", privacy: WORDS.value })).toBe(400);
  expect(await overTcp(node, "POST", "/v2/tasks", { prompt: "a", model: secretModel() })).toBe(403);
  expect(await overTcp(node, "GET", `/v2/tasks/${WORDS.path}?key=${WORDS.query}`)).toBe(404);
  expect(await overTcp(node, "GET", `/v2/tasks/${WORDS.path}/why`)).toBe(404);
  expect(await overTcp(node, "GET", `/${WORDS.path}?key=${WORDS.query}`)).toBe(404);
}

async function loseTheWorker(node: TestNode): Promise<void> {
  const { job_id } = await node.submit({ prompt: WORDS.killed, model: secretModel(), max_tokens: 2_000 });
  let killed = false;
  for await (const event of node.events(job_id)) {
    if (event.type !== "token" || killed) continue;
    killed = true;
    for (const pid of node.processes()) process.kill(pid, "SIGKILL");
  }
  expect((await node.task(job_id)).attempts).toBe(2);
}

describe("what a node is watched by", () => {
  test("holds no word of what was asked, said or entrusted, whatever became of it", async () => {
    const node = await startNode({ env: { HF_TOKEN: WORDS.token } });
    const said = await succeed(node);
    await fail(node);
    await beRefused(node);
    await loseTheWorker(node);
    const metrics = (await node.call("GET", "/metrics")).text;
    expect(await node.stop()).toBe(143);

    vi.stubEnv("RBEE_PROOF_DIR", temporaryFolder());
    // What a feature that fails keeps of each of its nodes.
    const texts = { "stdout.txt": node.stdout, "stderr.txt": node.stderr, "metrics.txt": metrics };
    const parts = [{ name: "node-1", texts, folder: join(node.home, "logs") }];
    const bundle = writeBundle({
      type: "feature",
      name: "redaction",
      seed: 1,
      transcript: [],
      metadata: {},
      result: "failed",
      parts,
    });

    const words = [...Object.values(WORDS), said.slice(0, 20)];
    const logs = readFileSync(join(bundle, "node-1", "logs", "node.log"), "utf8");
    for (const event of ["job.admitted", "job.ended", "request.refused", "worker.ended", "worker.refused"]) {
      expect(logs).toContain(`"event.name":"${event}"`);
    }
    expect(foundIn(bundle, words)).toEqual([]);
    expect(foundIn(join(node.home, "logs"), words)).toEqual([]);
    expect(foundIn(join(node.home, "state"), words)).not.toEqual([]);
  });
});
