/**
 * Models for other machines of the cluster at the door of the queen's: who has one, and its bytes.
 *
 * Owns: what a request means and how an answer looks. Does not own: carrying either, or where the bytes are; it talks
 * to a {@link CopiesSeat}.
 *
 *  CY1 Only machines of the cluster are told or given anything, and the node itself over its own socket.
 *  CY2 What is asked for is named: a model of a machine's catalog and one of its files, never a path.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { z } from "zod";
import { RbeeError } from "../protocol/errors.ts";
import { type MachineOffer, offersView } from "../protocol/machine-api.ts";
import { parseWith } from "../protocol/parse.ts";
import type { Answer, Call, Route } from "../protocol/route.ts";

export interface FileAsked {
  readonly machine: string;
  readonly model: string;
  /** Which of its files. */
  readonly part: number;
  readonly fromByte: number;
}

/** What the door needs of a node. Each may throw an RbeeError. */
export interface CopiesSeat {
  /** @param asker the machine that wants it; the queen's own where it is not given */
  offers(model: string, asker: string | undefined): Promise<readonly MachineOffer[]>;
  /** @param signal the asker has gone */
  open(asked: FileAsked, signal: AbortSignal): Promise<Readable>;
}

const named = z.strictObject({ model: z.string().min(1).max(4096) });
const fileNamed = named.extend({
  machine: z.string().min(1).max(64),
  part: z.coerce.number().int().min(0).max(1_000),
});
const RANGE = /^bytes=(\d{1,15})-$/;

export function copyRoutes(seat: CopiesSeat): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/cluster/models",
      doc: { summary: "Which machines have a model; for machines of the cluster.", query: named, answer: offersView },
      handle: async (call) => {
        membersOnly(call);
        const { model } = parseWith(named, { model: call.query["model"] });
        const offers = [...(await seat.offers(model, call.peer?.name))];
        return { status: 200, json: { schemaVersion: 1, offers } satisfies z.infer<typeof offersView> };
      },
    },
    {
      method: "GET",
      path: "/v1/cluster/models/file",
      doc: {
        summary: "A file of a model that a machine has, from an offset on; for machines of the cluster.",
        query: fileNamed,
        text: "application/octet-stream",
      },
      handle: (call) => file(seat, call),
    },
  ];
}

/** CY1. */
function membersOnly({ local, peer }: Call): void {
  if (local || peer?.role === "hive") return;
  throw new RbeeError("request.forbidden", "models are given to machines of the cluster alone");
}

async function file(seat: CopiesSeat, call: Call): Promise<Answer> {
  membersOnly(call);
  const { machine, model, part } = call.query;
  const asked = parseWith(fileNamed, { machine, model, part });
  const [, from = "0"] = RANGE.exec(call.headers["range"] ?? "") ?? [];
  const bytes = await seat.open({ ...asked, fromByte: Number(from) }, call.signal);
  return { status: 200, bytes, contentType: "application/octet-stream" };
}
