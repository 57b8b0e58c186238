/**
 * Goal: a disk without room loses nothing that was accepted, says so, and is no reason to end (kernel rule 10, T3 of
 *       thread.ts); data of another version is left as it is (kernel rule 11).
 * Method: the real program with its home on a small disk that is filled and freed; a journal with a row from the
 * future.
 */
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pack } from "../../src/runtime/journal.ts";
import type { TaskAccepted, TaskBody } from "../../src/protocol/api.ts";
import { waitUntil } from "../support/children.ts";
import { refusalIn, startNode, TestNode, tokensIn } from "../support/node-harness.ts";
import { readRaw, writeRaw } from "../support/raw-journal.ts";
import { obeying } from "../support/saboteur.ts";
import { temporaryFolder, temporaryHome } from "../support/temporary.ts";
import { needsDisk, smallDisk } from "../support/tmpfs.ts";
import { randomModel } from "../support/tiny-models.ts";

const MIB = 2 ** 20;
const task: TaskBody = { prompt: "What is a hive?", max_tokens: 8 };
const long = (): TaskBody => ({
  prompt: "Once",
  max_tokens: 1000,
  model: `file:${randomModel({ endless: true })}`,
  temperature: 0,
});

describe("a disk without room", needsDisk(), () => {
  test("disk.full: with too little left nothing new is promised, what runs goes on, and room again is enough", async () => {
    const disk = smallDisk(50 * MIB);
    const node = await startNode({ home: join(disk.path, "home") });
    expect((await node.run(task)).at(-1)?.type).toBe("done");
    const { job_id } = await node.submit(long());
    disk.fill(8 * MIB);
    let refusal: unknown;
    await waitUntil(async () => {
      const reply = await node.call("POST", "/v2/tasks", task);
      if (reply.status === 202) return false;
      refusal = refusalIn(reply);
      return true;
    }, 5_000);
    expect(refusal).toMatchObject({
      status: 507,
      code: "disk.full",
      message: expect.stringContaining("16 MiB are kept back"),
      advice: expect.stringContaining("Free some disk space"),
    });
    expect((await node.status()).queen.diskShort).toMatchObject({ headroomBytes: 16 * MIB });
    expect((await node.hear(job_id)).at(-1)).toMatchObject({ type: "done" });
    disk.free();
    await waitUntil(async () => (await node.call("POST", "/v2/tasks", task)).status === 202, 5_000);
    expect((await node.status()).queen.diskShort).toBeUndefined();
  });

  test("disk.full: on a disk filled to the last byte what was accepted is done all the same", async () => {
    const disk = smallDisk(96 * MIB);
    const node = await startNode({ home: join(disk.path, "home") });
    const jobs = [await node.submit(long()), await node.submit(task), await node.submit(long())];
    disk.fill(0);
    await waitUntil(async () => (await node.call("POST", "/v2/tasks", task)).status === 507, 20_000);
    await expectDone(node, jobs);
    disk.free();
    await waitUntil(async () => (await node.call("POST", "/v2/tasks", task)).status === 202, 5_000);
  });

  test("M3 disk.full: a worker that dies on a full disk is followed by another, and what was accepted is done", async () => {
    const disk = smallDisk(96 * MIB);
    const node = await startNode({ home: join(disk.path, "home") });
    const job = await node.submit(long());
    const { pid } = await node.worker(long().model ?? "", "busy");
    disk.fill(0);
    await waitUntil(async () => (await node.call("POST", "/v2/tasks", task)).status === 507, 20_000);
    process.kill(pid, "SIGKILL");
    await expectDone(node, [job]);
    // Nothing is left where its record could not be written.
    const records = readdirSync(join(disk.path, "home", "run", "processes"));
    expect(records.filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("T3 disk.full: a thread that begins anew without room waits for it, the node does not end, and nothing is lost", async () => {
    const disk = smallDisk(96 * MIB);
    const orders = join(temporaryFolder(), "command");
    const node = await startNode({ home: join(disk.path, "home"), env: obeying(orders) });
    const jobs = [await node.submit(long()), await node.submit(task), await node.submit(long())];
    disk.fill(0);
    writeFileSync(orders, "queen throw");
    // Longer than a broken thread would be given.
    await waitUntil(() => node.stderr.split("disk.full").length > 8, 30_000);
    expect(refusalIn(await node.call("POST", "/v2/tasks", task))).toMatchObject({ status: 507, code: "disk.full" });
    disk.free();
    await expectDone(node, jobs);
    expect((await node.run(task)).at(-1)?.type).toBe("done");
  });
});

async function expectDone(node: TestNode, jobs: readonly TaskAccepted[]): Promise<void> {
  for (const { job_id } of jobs) {
    expect(await node.outcome(job_id)).toMatchObject({ state: "done" });
    const indexes = tokensIn(await node.hear(job_id)).map(({ index }) => index);
    expect(indexes).toEqual(indexes.map((_, place) => place));
  }
}

/** The home of a node that has ended in order. */
const left = temporaryHome();
beforeAll(async () => {
  let last = async (): Promise<unknown> => undefined;
  const node = await startNode({ home: left.home, lastly: (end) => (last = end) });
  expect(await node.stop()).toBe(143);
  await last();
});
afterAll(left.remove);

describe("a journal of another version", () => {
  const row = (table: string, version: number) => [`r/${table}/k1`, { table, key: "k1", version, row: {} }] as const;

  test.each([
    ["newer", "queen", "update rbee", ...row("jobs", 99)],
    ["older", "queen", "older rbee", ...row("workers", 1)],
    ["older", "hive", "older rbee", ...row("members", 1)],
  ])(
    "journal.%s: in %s it is refused with advice (%s) and exit 78, and nothing in it is changed: %s",
    async (age, host, advice, key, written) => {
      const home = join(temporaryFolder(), "home");
      cpSync(left.home, home, { recursive: true });
      const path = join(home, "state", `${host}.mdb`);
      await writeRaw(path, new Map([[key, pack(written)]]));
      const before = await readRaw(path);
      const refused = new TestNode({ home });
      expect(await refused.ended).toMatchObject({ code: 78 });
      const said = refused.stdout + refused.stderr;
      expect(said).toMatch(new RegExp(`journal\\.${age}.*${written.table}.*${written.version}`));
      expect(said).toContain(advice);
      expect(await readRaw(path)).toEqual(before);
    },
  );
});

test("journal.corrupt: a hive that cannot read its journal ends the node at once, though the queen could", async () => {
  const home = join(temporaryFolder(), "home");
  cpSync(left.home, home, { recursive: true });
  await writeRaw(join(home, "state", "hive.mdb"), new Map([["r/members/w1", Uint8Array.of(0xc1, 0xff, 0x00)]]));
  const refused = new TestNode({ home });
  await waitUntil(() => refused.isOver, 20_000);
  expect(await refused.ended).toMatchObject({ code: 1 });
  expect(refused.stdout + refused.stderr).toContain("journal.corrupt");
});
