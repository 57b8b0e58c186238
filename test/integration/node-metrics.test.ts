/**
 * Goal: a scrape of a node is well formed, says what happened, is bounded whatever clients make up, and comes while the
 *       queen is not there.
 * Method: the real program, its text read strictly, before and after known work.
 *
 * @see src/hosts/watching/metrics.ts, ME1 to ME3; src/hosts/watching/model-names.ts, MN2
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { teamStats } from "../../src/protocol/team-api.ts";
import { METRICS } from "../../src/protocol/telemetry.ts";
import { stopwatch, waitUntil } from "../support/children.ts";
import { type Family, readExposition } from "../support/exposition.ts";
import { startHub } from "../support/hub.ts";
import { startNode, type TestNode } from "../support/node-harness.ts";
import { obeying } from "../support/saboteur.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { randomModel } from "../support/tiny-models.ts";

async function scrape(node: TestNode): Promise<readonly Family[]> {
  const reply = await node.call("GET", "/metrics");
  expect(reply.status).toBe(200);
  expect(reply.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  return readExposition(reply.text);
}

/** The sum of the series with these labels. */
function value(families: readonly Family[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const family = families.find((each) => name.startsWith(each.name) && belongsTo(each, name));
  const series = (family?.series ?? []).filter(
    (each) => each.name === name && Object.entries(labels).every(([label, wanted]) => each.labels[label] === wanted),
  );
  return series.reduce((sum, each) => sum + each.value, 0);
}

const belongsTo = ({ name: family }: Family, name: string): boolean =>
  [family, `${family}_sum`, `${family}_count`].includes(name);

const has = (families: readonly Family[], name: string): boolean =>
  families.some((family) => family.name === name && family.series.length > 0);

describe("a scrape", () => {
  test("tells each thing under its own name, and counts what was admitted, refused, said and ended", async () => {
    const node = await startNode({ warm: true });
    await node.worker("starter", "idle");
    const heard = await node.run({ prompt: "What is a hive?", max_tokens: 8 });
    expect(heard.at(-1)).toMatchObject({ type: "done", usage: { completion_tokens: 8 } });
    await node.run({ messages: [{ role: "user", content: "Hello" }], max_tokens: 4 });
    await node.run({ prompt: "a ".repeat(20_000) });
    await node.call("POST", "/v2/tasks", { prompt: 1 });
    await node.call("GET", "/v2/tasks/j999999");
    await waitUntil(async () => value(await scrape(node), "rbee_jobs_ended_total") === 3, 5_000);
    const found = await scrape(node);

    const names: readonly string[] = Object.values(METRICS).map(({ name }) => name);
    expect(found.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(value(found, "rbee_queen_up")).toBe(1);
    expect(value(found, "rbee_jobs_admitted_total")).toBe(3);
    expect(value(found, "rbee_jobs_ended_total", { state: "done", error_type: "" })).toBe(2);
    expect(value(found, "rbee_jobs_ended_total", { state: "failed", error_type: "context.overflow" })).toBe(1);
    expect(value(found, "rbee_requests_refused_total", { error_type: "request.invalid" })).toBe(1);
    expect(value(found, "rbee_requests_refused_total", { error_type: "request.not.found" })).toBe(1);
    expect(value(found, "rbee_workers", { state: "ready", gen_ai_request_model: "starter" })).toBe(1);
    expect(value(found, "rbee_worker_load_seconds_count", { gen_ai_request_model: "starter" })).toBe(1);
    // What is booked may grow to what was taken.
    await waitUntil(async () => {
      const [worker] = await node.workers();
      return value(await scrape(node), "rbee_memory_booked_bytes") === worker?.reservedBytes;
    }, 5_000);
    expect(value(found, "rbee_queue_length_max")).toBeGreaterThan(0);

    const completion = { gen_ai_operation_name: "text_completion", gen_ai_request_model: "starter" };
    const chat = { ...completion, gen_ai_operation_name: "chat" };
    for (const labels of [completion, chat]) {
      expect(value(found, "gen_ai_server_time_to_first_token_seconds_count", labels)).toBe(1);
      expect(value(found, "gen_ai_server_time_per_output_token_seconds_count", labels)).toBe(1);
      expect(value(found, "gen_ai_client_token_usage_count", { ...labels, gen_ai_token_type: "input" })).toBe(1);
    }
    const output = { ...completion, gen_ai_token_type: "output" };
    expect(value(found, "gen_ai_client_token_usage_sum", output)).toBe(8);
    const seconds = "gen_ai_server_request_duration_seconds";
    expect(value(found, `${seconds}_count`, { error_type: "" })).toBe(2);
    expect(value(found, `${seconds}_sum`, completion)).toBeGreaterThan(
      value(found, "gen_ai_server_time_to_first_token_seconds_sum", completion),
    );
  });

  test("Q12 tells how discussions ended, which agents live and what they keep, and how long the store takes", async () => {
    const node = await startNode({ warm: true });
    await node.worker("starter", "idle");
    expect(has(await scrape(node), "rbee_team_agents")).toBe(false);
    const asked = { request: "What is 3 plus 4?", mode: "discuss" };
    expect((await node.call("POST", "/v2/discussions", asked)).status).toBe(202);
    const ended = async (): Promise<number> =>
      value(await scrape(node), "rbee_team_discussions_total", { mode: "discuss" });
    await waitUntil(async () => (await ended()) === 1, 30_000);
    const found = await scrape(node);
    const stats = teamStats.parse((await node.call("GET", "/v2/team/stats")).json());
    const names = ["convergent", "critical", "divergent"];
    expect(stats.agents.map(({ name }) => name)).toEqual(names);
    for (const { name, memoryBytes } of stats.agents) {
      expect(value(found, "rbee_team_agents", { agent: name })).toBe(1);
      expect(value(found, "rbee_team_agent_memory_bytes", { agent: name })).toBe(memoryBytes);
    }
    expect(value(found, "rbee_store_seconds_count")).toBeGreaterThan(0);
    expect(stats.store?.asks).toBeGreaterThan(0);
    expect(stats.gate.told).toBe(1);
    expect(stats.modes).toMatchObject([{ mode: "discuss", discussions: 1 }]);
    expect(stats.modes[0]?.utilisation).toBeGreaterThan(0);
  });

  test("ME3 MN2 has no series of a model's name that a client made up, and a file by its own name alone", async () => {
    const node = await startNode({ warm: true });
    for (let n = 0; n < 40; n += 1) await node.run({ prompt: "a", model: `made-up-${n}` });
    const path = randomModel();
    await node.run({ prompt: "a", model: `file:${path}`, max_tokens: 2 });
    const models = new Set(
      (await scrape(node)).flatMap(({ series }) =>
        series.flatMap(({ labels }) => labels["gen_ai_request_model"] ?? []),
      ),
    );
    expect([...models].toSorted()).toEqual([`file:${path.slice(path.lastIndexOf("/") + 1)}`, "other", "starter"]);
  });

  test("counts the bytes of a model that is fetched, and the log tells of it", async () => {
    const hub = await startHub();
    const bytes = readFileSync(randomModel());
    hub.put("bees/tiny-GGUF", "tiny-Q8_0.gguf", bytes);
    const node = await startNode({ env: hub.env });
    const model = "hf:bees/tiny-GGUF/tiny-Q8_0.gguf";
    expect((await node.run({ prompt: "a", model, max_tokens: 2 })).at(-1)?.type).toBe("done");
    const found = await scrape(node);
    expect(value(found, "rbee_model_download_bytes_total")).toBe(bytes.length);
    expect(value(found, "rbee_workers", { gen_ai_request_model: model })).toBe(1);
    await node.stop();
    const log = readFileSync(join(node.home, "logs", "node.log"), "utf8");
    for (const event of ["download.begun", "download.checked"]) expect(log).toContain(`"event.name":"${event}"`);
  });

  test("ME1 ME2 is answered in time while the queen hangs, says so, and leaves out what only she knows", async () => {
    const file = join(temporaryFolder(), "command");
    const node = await startNode({ env: obeying(file) });
    await node.run({ prompt: "a", max_tokens: 2 });
    expect(has(await scrape(node), "rbee_queue_length")).toBe(true);
    writeFileSync(`${file}.new`, "queen hang");
    renameSync(`${file}.new`, file);
    let found = await scrape(node);
    await waitUntil(async () => value((found = await scrape(node)), "rbee_queen_up") === 0, 8_000);
    expect(value(found, "rbee_jobs_admitted_total")).toBe(1);
    for (const name of ["rbee_queue_length", "rbee_jobs_running", "rbee_workers", "rbee_memory_booked_bytes"]) {
      expect(has(found, name), name).toBe(false);
    }
    const elapsedMs = stopwatch();
    await Promise.all([scrape(node), scrape(node), scrape(node)]);
    expect(elapsedMs()).toBeLessThan(2_000);
  });
});
