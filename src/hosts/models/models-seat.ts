/**
 * What the queen's door asks about models, put to each machine that has them or is to have one.
 *
 * Owns: one list out of what each says, and following a download to its end. Does not own: what a machine answers
 * (own-models.ts), carrying it.
 *
 *  MS1 Whoever follows a download hears of its end from the hive, whose decision it is; what is heard between is
 *      advice. Which run the hive says, too; how far they are is advice.
 *  MS3 A model stands in the list once, with the machines that have it; what else is told of it the first of them says:
 *      the one that asks, if it has it.
 *
 * @module
 */
import { once } from "node:events";
import type { ModelsSeat } from "../../doors/models.ts";
import type { ModelInfo, ModelsOfMachine, ModelView } from "../../protocol/api.ts";
import type { DownloadEvent } from "../../protocol/download-api.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import type { Endpoints } from "../../runtime/config/endpoints.ts";
import type { AskMachine } from "../seats/machines-seat.ts";
import { type DownloadProgress, type Models, viewOf } from "./models.ts";
import type { Porter } from "../porter/porter.ts";
import { followAllFar, followFar } from "./far-download.ts";
import { fetchEnded, modelsHere } from "./own-models.ts";
import { RemoteModels } from "./remote-models.ts";

/** A download may take long; whoever follows asks again after this. */
const FOLLOW_MS = 3_600_000;
/** Nobody waits longer for another machine's list of models. */
const LISTED_MS = 2000;
/** Longer than the machine itself waits for it. */
const REMOVE_MS = 100_000;
const INFO_MS = 90_000;

export interface ModelsFacts {
  readonly endpoints: Endpoints;
  /** Its name. @param node the queen's own where it is not given @throws RbeeError request.not.found */
  readonly named: (node: string | undefined) => Promise<string>;
  /** The queen's own. */
  readonly machine: string;
  /** The others that are there. */
  readonly linked: () => readonly string[];
  readonly ask: AskMachine;
}

export function modelsSeat(porter: Porter, facts: ModelsFacts): ModelsSeat {
  const { endpoints, machine: own, named, linked, ask } = facts;
  const { models } = porter;
  const remote = new RemoteModels(endpoints, () => performance.now());
  const has = async (machine: string): Promise<readonly Having[]> => {
    // One that does not say in time is not in the list.
    const told = await ask(machine, { type: "models" }, LISTED_MS).catch(() => undefined);
    return told === undefined ? [] : [{ machine, ...told }];
  };
  async function* followHere(model: string, signal: AbortSignal): ReturnType<typeof progressUntil> {
    const left = new AbortController();
    const given = AbortSignal.any([signal, left.signal]);
    const ended = awaitEnd((ms) => fetchEnded(porter, model, ms, given));
    // Whoever leaves early hears no more of its end, which then is nobody's failure.
    ended.catch(() => {});
    try {
      const known = models.progressOf(model);
      const heard = progressUntil(models, (progress) => progress.model === model, ended);
      if (known !== undefined) yield eventOf(known);
      yield* heard;
      await ended;
    } finally {
      left.abort();
    }
  }
  return {
    async list(asker) {
      const asked = [modelsHere(porter), remote.list(), Promise.all(linked().map(has))] as const;
      const [here, servers, others] = await Promise.all(asked);
      const isFirst = ({ machine }: Having): number => Number(machine === asker);
      const all = [{ machine: own, ...here }, ...others.flat()].toSorted((a, b) => isFirst(b) - isFirst(a));
      return {
        models: [...together(all), ...servers],
        downloads: all.flatMap(({ machine, downloads }) => downloads.map((each) => ({ ...each, machine }))),
        begun: all.flatMap(({ machine, begun }) => begun.map((each) => ({ ...each, machine }))),
      };
    },
    info: async (model, node) =>
      remoteName(model) === undefined
        ? ask(await named(node), { type: "info", model }, INFO_MS)
        : infoElsewhere(model, remote),
    async fetch(model, node) {
      await ask(await named(node), { type: "fetch", model });
    },
    async *follow(model, signal, node) {
      const machine = await named(node);
      if (machine === own) yield* followHere(model, signal);
      else yield* followFar(model, () => ask(machine, { type: "fetching", model }), signal);
    },
    async *followAll(signal, node) {
      const machine = await named(node);
      if (machine === own) yield* progressUntil(models, () => true, once(signal, "abort"));
      else yield* followAllFar(async () => (await ask(machine, { type: "models" })).downloads, signal);
    },
    async remove(model, node) {
      const { bytes } = await ask(await named(node), { type: "remove", model }, REMOVE_MS);
      return bytes;
    },
  };
}

async function awaitEnd(asked: (ms: number) => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await asked(FOLLOW_MS);
      return;
    } catch (thrown) {
      const passes = thrown instanceof RbeeError && ["ask.deadline", "host.restarted"].includes(thrown.code);
      if (!passes) throw thrown;
    }
  }
}

/** The newest, as fast as it is read: what is older by then is passed over. */
async function* progressUntil(
  models: Models,
  isWanted: (progress: DownloadProgress) => boolean,
  ended: Promise<unknown>,
): AsyncGenerator<Extract<DownloadEvent, { type: "progress" }>> {
  const newest = new Map<string, DownloadProgress>();
  let wake = Promise.withResolvers<void>();
  let over = false;
  const end = (): void => {
    over = true;
    wake.resolve();
  };
  ended.then(end, end);
  const deaf = models.listen((progress) => {
    if (!isWanted(progress)) return;
    newest.set(progress.model, progress);
    wake.resolve();
  });
  try {
    for (;;) {
      const [next] = newest.values();
      if (next !== undefined) {
        newest.delete(next.model);
        yield eventOf(next);
      } else if (over) return;
      else {
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    }
  } finally {
    deaf();
  }
}

const eventOf = (progress: DownloadProgress): Extract<DownloadEvent, { type: "progress" }> => ({
  type: "progress",
  ...viewOf(progress),
});

interface Having extends ModelsOfMachine {
  readonly machine: string;
}

/** MS3. */
export function together(all: readonly Pick<Having, "machine" | "models">[]): readonly ModelView[] {
  const found = new Map<string, ModelView>();
  for (const having of all) {
    for (const model of having.models) {
      const known = found.get(model.id) ?? { ...model, machines: [] };
      found.set(model.id, { ...known, machines: [...known.machines, having.machine] });
    }
  }
  return [...found.values()];
}

/** All that is known is that its server has it. */
async function infoElsewhere(model: string, remote: RemoteModels): Promise<ModelInfo> {
  const found = (await remote.list()).find(({ id }) => id === model);
  if (found === undefined) throw new RbeeError("model.not.found", `no server of the configuration lists ${model}`);
  return { model, here: false, at: found.source, bytes: 0, quant: "", choices: [] };
}
