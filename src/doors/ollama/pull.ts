/**
 * Pull: a model of the hub is fetched, and how it goes is told until it is here.
 *
 *  OP1 "success" is said of a model that is here, and of no other: at once, or when its download is done.
 *  OP2 A client that leaves stops hearing of it; the download goes on, as for everybody who waits for it.
 *
 * @module
 */
import type { DownloadEvent } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { Answer, Call } from "../../protocol/route.ts";
import { checkFetchable, type ModelsSeat } from "../models.ts";
import { QUEENBEE } from "../run.ts";
import { digestOf } from "./facts.ts";
import { isRepo, modelOf, modelsMeant } from "./names.ts";
import { nameIn, type PullRequest } from "./schema.ts";

type Progress = Extract<DownloadEvent, { type: "progress" }>;

const SUCCESS = { status: "success" };

export async function pull(seat: ModelsSeat, asked: PullRequest, { signal, peer }: Call): Promise<Answer> {
  const name = nameIn(asked);
  const isHere = await isInTheCluster(seat, name);
  const progress = isHere ? [] : seat.follow(await begun(seat, name, peer?.name), signal, peer?.name);
  if (asked.stream !== false) {
    return {
      framing: "ndjson",
      events: async (sink) => {
        for await (const step of progress) await sink.send({ data: statusOf(step) });
        await sink.send({ data: SUCCESS });
      },
    };
  }
  for await (const _ of progress);
  return { status: 200, json: SUCCESS };
}

async function isInTheCluster(seat: ModelsSeat, name: string): Promise<boolean> {
  return modelOf(name) === QUEENBEE || modelsMeant(name, (await seat.list()).models).length > 0;
}

/** @returns the name under which it is fetched */
async function begun(seat: ModelsSeat, name: string, node: string | undefined): Promise<string> {
  const model = await theOnlyOneOf(seat, modelOf(name));
  checkFetchable(model);
  await seat.fetch(model, node);
  return model;
}

/** `hf.co/OWNER/REPO` is the model of a repository that has one; of several, the client says which. */
async function theOnlyOneOf(seat: ModelsSeat, model: string): Promise<string> {
  if (!isRepo(model)) return model;
  const { model: only, choices } = await seat.info(model);
  if (choices.length === 0) return only;
  const names = choices.map(({ quant, model: each }) => quant || each).slice(0, 20);
  throw new RbeeError("model.ambiguous", `${model} may mean ${names.join(", ")}.`);
}

function statusOf({ model, step, totalBytes, presentBytes, trouble }: Progress): object {
  switch (step) {
    case "resolving":
      return { status: "pulling manifest" };
    case "fetching": {
      // What bars are told apart by; the sum of its content is known when it is checked.
      const digest = `sha256:${digestOf({ id: model, bytes: totalBytes, addedAtMs: 0 })}`;
      return { status: `pulling ${digest.slice(7, 19)}`, digest, total: totalBytes, completed: presentBytes };
    }
    case "checking":
      return { status: "verifying sha256 digest" };
    case "waiting":
      return { status: `waiting to try again: ${trouble?.message ?? "it was cut"}` };
  }
}
