/**
 * Goal: a discussion that was stopped just before its node died asks no model again at the next start (TS17, TL7).
 * Method: a real node over models that never stop, killed within 30 ms of its word that it stops, four times.
 *
 * @see src/hosts/team/calls.ts, CP3
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { checkLog, told } from "../simulation/team/check-log.ts";
import { waitUntil } from "../support/children.ts";
import { startNode } from "../support/node-harness.ts";
import { Prng } from "../support/prng.ts";
import { begin, hearOut, logIn, ofType } from "../support/team-node.ts";
import { thinkingNode } from "../support/thinking-node.ts";

const SEED = Number(process.env["RBEE_SEED"]);
/** Fewer than the deaths of its workers after which a model is left alone for a while. */
const TIMES = 4;
const SOON_MS = 30_000;

test(`TS17 TL7 stopped just before its node dies it asks no model again (seed ${SEED})`, async () => {
  const made = await thinkingNode({ env: {} });
  const { server, setup } = made;
  server.manners.set(undefined, "never stops");
  server.pieceMs = 20;
  const chance = new Prng(SEED);
  let { node } = made;
  for (let time = 0; time < TIMES; time += 1) {
    const { discussion } = await begin(node, { request: "Which way?", mode: "discuss" });
    await waitUntil(() => server.running === 3, SOON_MS);
    await node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" });
    await pause(chance.int(0, 30));
    await node.kill();
    await waitUntil(() => server.running === 0, SOON_MS);
    const calls = server.calls.length;
    node = await startNode(setup);
    const log = logIn(await hearOut(node, discussion));
    expect(told(checkLog(log, true, SOON_MS))).toEqual([]);
    expect(ofType(log, "closing")[0]?.reason).toBe("cancelled");
    await waitUntil(async () => {
      const { length, running } = (await node.status()).queen.queue;
      return length + running === 0;
    }, SOON_MS);
    expect(server.calls.slice(calls).map(({ agent }) => agent)).toEqual([]);
  }
  await server.close();
}, 600_000);
