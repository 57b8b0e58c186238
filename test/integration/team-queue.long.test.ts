/**
 * Goal: a queue of ten thousand jobs keeps no stop of a discussion waiting (TL9).
 * Method: a real node over models that never stop, its queue filled over the door.
 *
 * @see machines/README.md, TL9 TS17; src/hosts/team/calls.ts, CP1
 * @module
 */
import { expect, test } from "vitest";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { waitUntil } from "../support/children.ts";
import type { TestNode } from "../support/node-harness.ts";
import { begin, hearOut, logIn, ofType } from "../support/team-node.ts";
import { thinkingNode } from "../support/thinking-node.ts";

const [QUEUED, TOGETHER] = [10_000, 50];
const SOON_MS = 30_000;
const TICK_MS = 2_000;
/** From the moment that somebody was told it is stopped. */
const AT_WORK_MS_MAX = 250;

async function fill(node: TestNode): Promise<void> {
  for (let queued = 0; queued < QUEUED; queued += TOGETHER) {
    await Promise.all(
      Array.from({ length: TOGETHER }, () =>
        node.submit({ prompt: "Wait.", max_tokens: 10_000, deadline_ms: 3_600_000 }),
      ),
    );
  }
}

test(`TL9 TS17 a stop is not kept waiting by ${QUEUED} jobs`, async () => {
  const { node, server } = await thinkingNode({ env: { RBEE_QUEUE_LENGTH_MAX: "20000" } });
  server.manners.set(undefined, "never stops");
  server.pieceMs = 20;
  const ours = (): number =>
    server.calls.filter(({ prompt, endedMs }) => endedMs === undefined && prompt.includes("of all?")).length;
  const { discussion } = await begin(node, { request: "Which way, of all?", mode: "discuss" });
  await waitUntil(() => ours() === 3, SOON_MS);
  await fill(node);
  expect((await node.status()).queen.queue.length).toBeGreaterThan(QUEUED - 100);
  expect(ours()).toBe(3);
  const stopping = performance.now();
  expect((await node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" })).status).toBe(200);
  const toldMs = performance.now() - stopping;
  const ms = await waitUntil(() => ours() === 0, SOON_MS);
  console.log(
    `with ${QUEUED} jobs waiting it was told in ${Math.round(toldMs)} ms, at rest ${Math.round(ms)} ms later`,
  );
  expect(ms).toBeLessThan(AT_WORK_MS_MAX);
  const log = logIn(await hearOut(node, discussion));
  expect(told(checkLog(log, true, TICK_MS))).toEqual([]);
  expect(ofType(log, "closing")[0]?.reason).toBe("cancelled");
  await server.close();
}, 600_000);
