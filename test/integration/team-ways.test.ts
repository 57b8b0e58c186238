/**
 * Goal: the cells of a real node's threads go the ways of their machines, also over its end, and nobody who has stopped
 * is heard of again.
 * Method: each thread writes down what its host sees; discussions of every mode, one stopped, one over nodes cut off.
 *
 * @see machines/README.md, TS16; test/simulation/team/ways.ts, which is written from the promises
 * @module
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { WAYS_OF } from "../simulation/team/ways.ts";
import { discussed, type How, planned } from "../support/conducted.ts";
import { KeyedNode } from "../support/keyed-node.ts";
import { temporaryHome } from "../support/temporary.ts";
import { ofType } from "../support/team-node.ts";
import { watched, waysIn } from "../support/way-watch.ts";

const folder = temporaryHome();
const ENV = { ...watched(folder.home), RBEE_TEAM_QUORUM: "all", RBEE_TEAM_SUMMARY: "100ms" };
let its: KeyedNode;

beforeAll(async () => void (its = await KeyedNode.start(ENV)), 120_000);
afterAll(async () => {
  await its.close();
  folder.remove();
});

const talking = (more: Partial<How> = {}): How => ({
  says: planned({ divergent: ["speak", "speak"], convergent: ["object"], critical: ["pass", "speak"] }),
  ...more,
});

test("TS16 thinkers and discussions go the ways of their machines, and nothing leaves their ends", async () => {
  const cuts = ["claims", "vote"];
  const over = await discussed(
    its,
    talking({
      async meanwhile({ held }) {
        if (!held.some(({ step }) => step === cuts[0])) return false;
        cuts.shift();
        await its.cutOff(ENV);
        return true;
      },
    }),
  );
  expect([cuts, ofType(over.log, "final").length]).toEqual([[], 1]);
  for (const mode of ["vote", "alone"] as const) await discussed(its, talking(), { mode });
  let isStopped = false;
  const stopped = await discussed(
    its,
    talking({
      async meanwhile({ discussion }) {
        if (isStopped) return false;
        isStopped = true;
        await its.node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" });
        return true;
      },
    }),
  );
  expect(ofType(stopped.log, "closing")[0]?.reason).toBe("cancelled");
  await its.node.stop();
  const been = new Map<string, Set<string>>();
  for (const ways of waysIn(folder.home)) {
    expect(ways.astray).toEqual([]);
    for (const [kind, states] of ways.been) been.set(kind, new Set([...(been.get(kind) ?? []), ...states]));
  }
  for (const [kind, ways] of Object.entries(WAYS_OF)) {
    const never = Object.entries(ways)
      .flatMap(([from, to]) => [from, ...to])
      .filter((state) => been.get(kind)?.has(state) !== true);
    expect(never).toEqual([]);
  }
}, 120_000);
