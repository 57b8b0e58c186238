/**
 * Machines of the cluster at the door of the queen's: that one gets nothing new, and that it serves again.
 *
 * @module
 */
import { hiveRequest, hiveStanding, type HiveStanding } from "../protocol/api.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Call, Route } from "../protocol/route.ts";

export interface HivesSeat {
  /** By the name that its owner calls a machine. @throws RbeeError hive.unknown */
  drainHive(name: string): Promise<HiveStanding>;
  resumeHive(name: string): Promise<HiveStanding>;
}

export function hivesRoutes(seat: HivesSeat): readonly Route[] {
  const named = ({ body }: Call): string => parseWith(hiveRequest, body).name;
  return [
    {
      method: "POST",
      path: "/v2/hives/drain",
      doc: {
        summary: "Give a machine nothing new; what runs there ends.",
        body: hiveRequest,
        status: 202,
        answer: hiveStanding,
      },
      handle: async (call) => ({ status: 202, json: await seat.drainHive(named(call)) }),
    },
    {
      method: "POST",
      path: "/v2/hives/resume",
      doc: { summary: "Let a drained machine serve again.", body: hiveRequest, answer: hiveStanding },
      handle: async (call) => ({ status: 200, json: await seat.resumeHive(named(call)) }),
    },
  ];
}
