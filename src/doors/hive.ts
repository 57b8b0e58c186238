/**
 * The hive's own door: what is on this machine, and the way through it to the queen.
 *
 * Owns: what is told here, and which of the queen's routes are reached from here. Does not own: carrying anything, or
 * what one of those does; it talks to a {@link HiveSeat}.
 *
 *  HD1 Whatever changes something is the queen's: it goes through her own route of that name, so that no slot, label or
 *      epoch is bypassed, and is refused while she is not there.
 *  HD2 What only tells is told without her.
 *
 * @module
 */
import type { z } from "zod";
import {
  devicesView,
  type DevicesView,
  hiveHealth,
  type HiveHealth,
  hiveStopping,
  type HiveWorker,
  hiveWorkersView,
} from "../protocol/hive-api.ts";
import { RbeeError } from "../protocol/errors.ts";
import type { Answer, Route } from "../protocol/route.ts";

/** What the door needs of a hive. Each may throw an RbeeError. */
export interface HiveSeat {
  health(): Promise<HiveHealth>;
  workers(): Promise<readonly HiveWorker[]>;
  devices(): Promise<DevicesView>;
  /** @throws RbeeError queen.unreachable */
  reachQueen(): Promise<void>;
  /** Takes this hive down in order. */
  shutdown(): void;
}

/** @param queen the routes of her door */
export function hiveRoutes(seat: HiveSeat, queen: readonly Route[]): readonly Route[] {
  return [
    ...readRoutes(seat),
    routeIn(queen, "GET", "/v1/models"),
    ...["/v1/models/download", "/v1/workers/spawn", "/v1/workers/ready"].map((path) =>
      passedOn(seat, routeIn(queen, "POST", path)),
    ),
    passedOn(seat, {
      method: "POST",
      path: "/v1/shutdown",
      doc: { summary: "End this machine's part in order.", status: 202, answer: hiveStopping },
      handle: () => shutdown(seat),
    }),
  ];
}

function readRoutes(seat: HiveSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/health",
      doc: { summary: "How this machine's hive is.", answer: hiveHealth },
      handle: async () => ok(await seat.health()),
    },
    {
      method: "GET",
      path: "/v1/workers/list",
      doc: { summary: "The workers of this machine.", answer: hiveWorkersView },
      handle: async () =>
        ok({ schemaVersion: 1, workers: [...(await seat.workers())] } satisfies z.infer<typeof hiveWorkersView>),
    },
    {
      method: "GET",
      path: "/v1/devices",
      doc: { summary: "What models may run on here, and why not on the rest.", answer: devicesView },
      handle: async () => ok(await seat.devices()),
    },
  ];
}

const ok = (json: unknown): Answer => ({ status: 200, json });

/** HD1. */
const passedOn = (seat: HiveSeat, route: Route): Route => ({
  ...route,
  handle: async (call) => {
    await seat.reachQueen();
    return route.handle(call);
  },
});

function routeIn(routes: readonly Route[], method: Route["method"], path: string): Route {
  const found = routes.find((route) => route.method === method && route.path === path);
  if (found !== undefined) return found;
  throw new RbeeError("defect", `the queen's door has no ${method} ${path}`);
}

function shutdown(seat: HiveSeat): Answer {
  seat.shutdown();
  return { status: 202, json: { state: "stopping" } satisfies z.infer<typeof hiveStopping> };
}
