/**
 * The routes of a node's door, with nobody behind them.
 *
 * @module
 */
import { anthropicRoutes } from "../../src/doors/anthropic/routes.ts";
import { clusterRoutes } from "../../src/doors/cluster.ts";
import { copyRoutes } from "../../src/doors/copies.ts";
import { hiveRoutes, type HiveSeat } from "../../src/doors/hive.ts";
import { hivesRoutes } from "../../src/doors/hives.ts";
import { keyRoutes } from "../../src/doors/keys.ts";
import { knowledgeRoutes } from "../../src/doors/knowledge.ts";
import { machineRoutes } from "../../src/doors/machines.ts";
import { metricsRoute } from "../../src/doors/metrics.ts";
import { modelRoutes } from "../../src/doors/models.ts";
import { ollamaRoutes } from "../../src/doors/ollama/routes.ts";
import { documented } from "../../src/doors/openapi.ts";
import { openaiRoutes } from "../../src/doors/openai/routes.ts";
import { rbeeRoutes } from "../../src/doors/rbee.ts";
import { standingRoutes } from "../../src/doors/standing.ts";
import { teamRoutes } from "../../src/doors/team.ts";
import { workerRoutes } from "../../src/doors/worker.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import type { Route } from "../../src/protocol/route.ts";

const refuse = (): never => {
  throw new RbeeError("queen.unreachable", "nobody is here");
};

/** Whatever it is asked, it refuses. */
const nobody = <Seat extends object>(): Seat => new Proxy({} as Seat, { get: () => refuse });

const queenRoutes = (): readonly Route[] => [
  ...rbeeRoutes(nobody()),
  ...standingRoutes(nobody()),
  ...hivesRoutes(nobody()),
  ...keyRoutes(nobody()),
  ...clusterRoutes(nobody()),
  ...machineRoutes(nobody()),
  ...copyRoutes(nobody()),
  ...openaiRoutes(nobody(), Date.now),
  ...anthropicRoutes(nobody()),
  ...ollamaRoutes(nobody(), nobody(), Date.now),
  ...modelRoutes(nobody()),
  ...teamRoutes(nobody()),
  ...knowledgeRoutes(nobody()),
  metricsRoute({ contentType: "text/plain", scrape: refuse }),
];

export const nodeRoutes = (): readonly Route[] => documented(queenRoutes());

/** Of a hive whose queen is there. */
export const hiveDoorRoutes = (): readonly Route[] => {
  const seat = { ...nobody<HiveSeat>(), reachQueen: () => Promise.resolve() };
  return documented(hiveRoutes(seat, queenRoutes()));
};

export const workerDoorRoutes = (): readonly Route[] => documented(workerRoutes(nobody()));
