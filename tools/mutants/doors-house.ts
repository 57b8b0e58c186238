/**
 * Mutants of the doors of the house itself: the hive's, and what probes and workers are told.
 *
 * @module
 */
import { HIVE_DOOR, STANDING } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const HIVE_PART = "src/doors/hive.ts";
const STANDING_PART = "src/doors/standing.ts";

export const houseDoors: readonly Mutant[] = [
  {
    name: "hive-that-acts-without-its-queen",
    rule: "HD1",
    breaks: "what is written at a hive's door is done though there is no queen",
    file: HIVE_PART,
    find: `    await seat.reachQueen();
`,
    replace: ``,
    killers: [HIVE_DOOR],
  },
  {
    name: "hive-silent-without-its-queen",
    rule: "HD2",
    breaks: "a hive whose queen is gone does not tell which models it has",
    file: HIVE_PART,
    find: `    routeIn(queen, "GET", "/v1/models"),`,
    replace: `    passedOn(seat, routeIn(queen, "GET", "/v1/models")),`,
    killers: [HIVE_DOOR],
  },
  {
    name: "ready-while-it-stops",
    rule: "ST1",
    breaks: "a node that is stopping says that it takes work",
    file: STANDING_PART,
    find: `if (state !== "serving")`,
    replace: `if (state !== "serving" && state !== "draining")`,
    killers: [STANDING],
  },
  {
    name: "ready-without-disk",
    rule: "ST1",
    breaks: "a node whose disk is short says that it takes work",
    file: STANDING_PART,
    find: `if (diskShort !== undefined)`,
    replace: `if (diskShort?.freeBytes === 0)`,
    killers: [STANDING],
  },
  {
    name: "stranger-taken-at-its-word",
    rule: "ST2",
    breaks: "a worker that nobody here has started is told that it is ready",
    file: STANDING_PART,
    find: `if (worker === undefined) throw`,
    replace: `if (worker === undefined) return { status: 200, json: { worker: id, ready: true, state: "idle" } };
  if (hives.length === 0) throw`,
    killers: [STANDING],
  },
];
