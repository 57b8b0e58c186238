/**
 * Goal: a model arrives once, whole and checked, whoever asks for it and whatever is killed on the way.
 * Method: the real program in homes of its own, and a hub on loopback that counts what was asked of it.
 *
 * @see machines/download.ts; src/actors/hive/downloads.ts, F1 to F4; src/hosts/models; src/cli/commands/model.ts
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../support/children.ts";
import { type TestHub, startHub } from "../support/hub.ts";
import { keeper, type Keeper } from "../support/keeper.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";
import { needsDisk, smallDisk } from "../support/tmpfs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

const REPO = "bees/tiny-GGUF";
const FILE = "tiny-Q8_0.gguf";
const MODEL = `hf:${REPO}/${FILE}`;
const SHORT = `hf:${REPO}:Q8_0`;
const bytes = (): Buffer => readFileSync(randomModel());

async function hubWithModel(): Promise<TestHub> {
  const hub = await startHub();
  hub.put(REPO, FILE, bytes());
  return hub;
}

const pathIn = (home: string): string => join(home, "models", "hf", REPO, FILE);
const jsonOf = ({ stdout }: Keeper): unknown => JSON.parse(stdout);
const lastLine = ({ stdout }: Keeper): unknown => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");

/** As a script calls it, to its end. */
async function rbee(
  hub: TestHub,
  home: string,
  ...args: readonly string[]
): Promise<Keeper & { readonly code: number }> {
  const called = keeper(args, { home, env: hub.env });
  const code = await called.exitCode;
  return Object.assign(called, { code });
}

const downloadOver = async (node: TestNode, model: string): Promise<void> => {
  const reply = await node.call("POST", "/v1/models/download", { model });
  expect([reply.status, reply.text]).toEqual([202, expect.stringContaining("progress_url")]);
};

/** The events of its progress, to the end. */
async function progressOf(node: TestNode, model: string): Promise<string> {
  const { text } = await node.call("GET", `/v1/models/download/progress?model=${encodeURIComponent(model)}`);
  return text;
}

describe("rbee model", () => {
  test(
    "MO1 downloads a model with a node of its own, and lists, tells and removes it beside one",
    { timeout: 90_000 },
    async () => {
      const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
      const told = await rbee(hub, home, "model", "info", SHORT, "--json");
      expect(jsonOf(told)).toMatchObject({ model: MODEL, here: false, bytes: bytes().length, fit: { fits: true } });
      const fetched = await rbee(hub, home, "model", "download", SHORT, "--json");
      expect([fetched.code, lastLine(fetched)]).toEqual([0, { type: "done", model: SHORT }]);
      expect(fetched.stdout).toContain('"type":"progress"');
      expect(readFileSync(pathIn(home))).toEqual(bytes());
      await startNode({ home, env: hub.env });
      const listed = await rbee(hub, home, "model", "list", "--json");
      expect(jsonOf(listed)).toMatchObject({
        schemaVersion: 1,
        models: [{ id: "starter" }, { id: MODEL, quant: "Q8_0", source: hub.url }],
      });
      const info = await rbee(hub, home, "model", "info", SHORT, "--json");
      expect(jsonOf(info)).toMatchObject({ model: MODEL, here: true, architecture: "llama", fit: { fits: true } });
      const removed = await rbee(hub, home, "model", "remove", SHORT, "--json");
      expect(jsonOf(removed)).toMatchObject({ freedBytes: bytes().length });
      expect(existsSync(pathIn(home))).toBe(false);
      const again = await rbee(hub, home, "model", "remove", SHORT);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("model.absent")]);
    },
  );

  test("AR2 interrupted, says that it goes on, and does so the next time", { timeout: 60_000 }, async () => {
    const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
    hub.bytesPerSecond = 60_000;
    const first = keeper(["model", "download", MODEL], { home, env: hub.env });
    await waitUntil(() => hub.bytesServed > 70_000, 30_000);
    first.process.kill("SIGINT");
    expect([await first.exitCode, first.stderr]).toEqual([130, expect.stringContaining("goes on next time")]);
    hub.bytesPerSecond = 0;
    expect((await rbee(hub, home, "model", "download", MODEL)).code).toBe(0);
    expect(hub.served.at(-1)?.from).toBeGreaterThan(0);
    expect(readFileSync(pathIn(home))).toEqual(bytes());
  });

  test("AR2 interrupted beside a node that runs, leaves the download to it", { timeout: 60_000 }, async () => {
    const hub = await hubWithModel();
    hub.bytesPerSecond = 60_000;
    const node = await startNode({ env: hub.env });
    const called = keeper(["model", "download", MODEL], { home: node.home });
    await called.shows("fetching");
    called.process.kill("SIGINT");
    expect([await called.exitCode, called.stderr]).toEqual([130, expect.stringContaining("The node goes on with it")]);
    hub.bytesPerSecond = 0;
    expect(await progressOf(node, MODEL)).toContain("event: done");
    expect(hub.bytesServed).toBe(bytes().length);
  });

  test("MO2 lists what is on its way, with how far it is or why it waits", { timeout: 90_000 }, async () => {
    const hub = await hubWithModel();
    hub.bytesPerSecond = 60_000;
    const node = await startNode({ env: hub.env });
    await downloadOver(node, MODEL);
    await waitUntil(() => hub.bytesServed > 50_000, 30_000);
    hub.listFault = { status: 503 };
    await downloadOver(node, "hf:bees/away-GGUF:Q8_0");
    let rows = "";
    await waitUntil(async () => {
      rows = (await rbee(hub, node.home, "model", "list")).stdout;
      return /away-GGUF:Q8_0 +waiting: hub\.unreachable/.test(rows);
    }, 30_000);
    expect(rows).toMatch(/tiny-Q8_0\.gguf +fetching \d+ % +\S+ \S+ +Q8_0/);
    // What waits is tried again every few seconds, and is on its way for that moment.
    let listed: unknown;
    await waitUntil(async () => {
      listed = jsonOf(await rbee(hub, node.home, "model", "list", "--json"));
      return JSON.stringify(listed).includes('"step":"waiting"');
    }, 30_000);
    expect(listed).toMatchObject({
      models: [{ id: "starter" }],
      downloads: [
        { model: MODEL, step: "fetching", totalBytes: bytes().length },
        { model: "hf:bees/away-GGUF:Q8_0", step: "waiting", trouble: { code: "hub.unreachable" } },
      ],
      begun: [],
    });
  });

  test("MO2 lists what was begun and left, with the room that it takes", { timeout: 60_000 }, async () => {
    const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
    const path = join(home, "models", "hf", "bees", "away-GGUF", "away-Q4_K_M.gguf.part");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.alloc(1_500_000));
    const { stdout } = await rbee(hub, home, "model", "list");
    expect(stdout).toMatch(/hf:bees\/away-GGUF\/away-Q4_K_M\.gguf +begun +1\.50 MB so far +Q4_K_M/);
  });

  test("A6 loads no model, and a job in a node of its own only the one it names", { timeout: 60_000 }, async () => {
    const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
    const asked = (): string[] =>
      readFileSync(join(home, "logs", "node.log"), "utf8")
        .split("\n")
        .filter((line) => line.includes('"worker.asked"'))
        .map((line) => (JSON.parse(line) as Readonly<Record<string, string>>)["gen_ai.request.model"] ?? "");
    expect((await rbee(hub, home, "model", "list")).stdout).toContain("starter");
    expect(asked()).toEqual([]);
    const model = `file:${randomModel()}`;
    const answered = await rbee(hub, home, "infer", "--model", model, "--prompt", "hello", "--max-tokens", "2");
    // The log does not name a file of somebody's.
    expect([answered.code, asked()]).toEqual([0, ["other"]]);
  });

  test("says why it cannot, with the code's own exit code", { timeout: 60_000 }, async () => {
    const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
    hub.listFault = { status: 401 };
    const refused = await rbee(hub, home, "model", "download", MODEL, "--json");
    expect([refused.code, lastLine(refused)]).toEqual([
      4,
      expect.objectContaining({ type: "error", code: "hub.unauthorized", advice: expect.stringContaining("HF_TOKEN") }),
    ]);
    const unnamed = await rbee(hub, home, "model", "download", "llama");
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining("hf:OWNER/REPO:QUANT")]);
  });
});

describe("rbee infer", () => {
  test("AR1 with a model that is not here fetches it first, then answers", { timeout: 60_000 }, async () => {
    const [hub, home] = [await hubWithModel(), join(temporaryFolder(), "home")];
    hub.bytesPerSecond = 80_000;
    // The download alone takes longer than a job may.
    const env = { ...hub.env, RBEE_JOB_DEADLINE: "6s" };
    const args = ["infer", "--model", SHORT, "--prompt", "hello", "--max-tokens", "2", "--json"];
    const answered = keeper(args, { home, env });
    expect(await answered.exitCode, answered.stdout).toBe(0);
    expect(lastLine(answered)).toMatchObject({ type: "done", model: SHORT });
    expect(answered.stdout).toContain('"step":"download"');
    const unknown = keeper(
      [...args, "--deadline", "20s"].map((word) => (word === SHORT ? `hf:${REPO}:Q2_K` : word)),
      { home, env },
    );
    expect([await unknown.exitCode, lastLine(unknown)]).toEqual([
      1,
      expect.objectContaining({ code: "model.not.found" }),
    ]);
  });
});

describe("a download", () => {
  test(
    "disk.full: that does not fit is refused before a byte of it is written, with what is missing",
    needsDisk(),
    async () => {
      const hub = await hubWithModel();
      const disk = smallDisk(120 * 2 ** 20);
      const node = await startNode({ env: hub.env, home: join(disk.path, "home") });
      await downloadOver(node, MODEL);
      const told = await progressOf(node, MODEL);
      expect(told).toContain('"code":"disk.full"');
      expect(told).toMatch(/MB are missing: .* are still to come/);
      expect(hub.bytesServed).toBe(0);
    },
  );

  test(
    "F1 is one, however many ask, and jobs that want the model wait for it and are answered",
    { timeout: 60_000 },
    async () => {
      const hub = await hubWithModel();
      hub.bytesPerSecond = 400_000;
      const node = await startNode({ env: hub.env });
      const jobs = [1, 2].map(() => node.run({ prompt: "hello", max_tokens: 2, model: MODEL }));
      await downloadOver(node, MODEL);
      await downloadOver(node, SHORT);
      const streams = await Promise.all([progressOf(node, MODEL), progressOf(node, SHORT), progressOf(node, MODEL)]);
      for (const text of streams) expect(text).toContain("event: done");
      for (const events of await Promise.all(jobs)) {
        expect(events.at(-1)).toMatchObject({ type: "done" });
        expect(events).toContainEqual(expect.objectContaining({ type: "loading", step: "download", model: MODEL }));
      }
      expect(hub.bytesServed).toBe(bytes().length);
    },
  );

  test("F2 that fails, fails the job that waits for it with its own code", { timeout: 60_000 }, async () => {
    const hub = await hubWithModel();
    const node = await startNode({ env: hub.env });
    const missing = await node.run({ prompt: "hello", model: `hf:${REPO}:Q2_K` });
    expect(missing.at(-1)).toMatchObject({ type: "error", code: "model.not.found" });
    hub.faults.push({ status: 403 });
    const refused = await node.run({ prompt: "hello", model: MODEL });
    expect(refused.at(-1)).toMatchObject({ type: "error", code: "hub.refused" });
    const served = await node.run({ prompt: "hello", max_tokens: 2, model: SHORT });
    expect(served.at(-1)).toMatchObject({ type: "done" });
  });

  test("F3 of a model in use is not removed: model.in.use", { timeout: 60_000 }, async () => {
    const hub = await hubWithModel();
    const node = await startNode({ env: hub.env });
    await node.run({ prompt: "hello", max_tokens: 2, model: SHORT });
    const target = `/v1/models?model=${encodeURIComponent(MODEL)}`;
    expect(refusalIn(await node.call("DELETE", target))).toMatchObject({ status: 409, code: "model.in.use" });
    const worker = await node.worker(SHORT, "idle");
    await node.call("POST", "/v1/workers/stop", { worker: worker.id });
    await waitUntil(async () => (await node.call("DELETE", target)).status === 200, 20_000);
    expect((await node.call("GET", "/v1/models")).json()).toMatchObject({
      object: "list",
      data: [{ id: "starter" }, { id: "queenbee" }],
    });
  });

  test("F3 that is removed on its way is cancelled, and nothing of it is left", { timeout: 60_000 }, async () => {
    const hub = await hubWithModel();
    hub.bytesPerSecond = 60_000;
    const node = await startNode({ env: hub.env });
    await downloadOver(node, SHORT);
    const followed = progressOf(node, SHORT);
    await waitUntil(() => hub.bytesServed > 50_000, 30_000);
    const reply = await node.call("DELETE", `/v1/models?model=${encodeURIComponent(MODEL)}`);
    expect([reply.status, reply.json()]).toEqual([200, expect.objectContaining({ state: "removed" })]);
    expect(await followed).toContain("model.removed");
    expect(readdirSync(join(node.home, "models"))).toEqual([]);
    // A job that waits for it ends with that, and brings nothing back.
    await downloadOver(node, SHORT);
    const waits = await node.submit({ prompt: "hello", model: SHORT, deadline_ms: 60_000 });
    await node.worker(SHORT, "loading");
    const servedBytes = hub.bytesServed;
    await waitUntil(() => hub.bytesServed > servedBytes + 60_000, 30_000);
    expect((await node.call("DELETE", `/v1/models?model=${encodeURIComponent(MODEL)}`)).status).toBe(200);
    expect(await node.outcome(waits.job_id)).toMatchObject({ state: "failed", error: { code: "model.removed" } });
    expect((await node.call("GET", "/v2/models")).json()).toMatchObject({ downloads: [] });
    // It can be wanted again.
    hub.bytesPerSecond = 0;
    await downloadOver(node, SHORT);
    expect(await progressOf(node, SHORT)).toContain("event: done");
  });

  test("MD1 takes the name of a model of a hub, and nothing else", { timeout: 60_000 }, async () => {
    const hub = await hubWithModel();
    const node = await startNode({ env: hub.env });
    for (const model of ["file:/etc/passwd", "http://hub/x.gguf", "hf:a/b", "hf:../b/c.gguf", "hf:a/b/../c.gguf"]) {
      const reply = refusalIn(await node.call("POST", "/v1/models/download", { model }));
      expect(reply, model).toMatchObject({ status: 400, code: "request.invalid", details: { field: "model" } });
    }
    const nobody = await node.call("GET", "/v1/models/download/progress?model=hf%3Aa%2Fb%3AQ8_0");
    expect(refusalIn(nobody)).toMatchObject({ status: 404, code: "request.not.found" });
  });
});
