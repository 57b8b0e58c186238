/**
 * What a machine answers when it is asked of itself, by its own door or by the queen's.
 *
 * Owns: who on this machine knows which. Does not own: the questions (machine-api.ts), carrying them (questions.ts).
 *
 * @module
 */
import { join } from "node:path";
import type { Question } from "../../protocol/machine-api.ts";
import { hivePart, workerHealth } from "../seats/hive-seat.ts";
import { detect } from "../machine/devices.ts";
import { machineFacts } from "../machine/machine-facts.ts";
import { type InfoSettings, infoHere } from "../models/own-info.ts";
import { fetchHere, fetchingHere, modelsHere, removeHere } from "../models/own-models.ts";
import type { Porter } from "../porter/porter.ts";
import { childEnvironment } from "../real/child-environment.ts";
import { logTold } from "../processes/worker-logs.ts";

export interface OwnFacts {
  readonly logs: string;
  readonly settings: InfoSettings;
}

export const answersOf =
  (porter: Porter, { logs, settings }: OwnFacts) =>
  async (asked: Question): Promise<object> => {
    switch (asked.type) {
      case "health":
        return workerHealth(porter, asked.worker);
      case "hive":
        return hivePart(porter, settings.headroomBytes);
      case "detect":
        return { schemaVersion: 1, machine: machineFacts(), backends: await detect(childEnvironment()) };
      case "logs":
        return logTold(join(logs, "workers"), asked);
      case "models":
        return modelsHere(porter);
      case "info":
        return infoHere(porter, asked.model, settings);
      case "fetch":
        await fetchHere(porter, asked.model);
        return {};
      case "fetching":
        return fetchingHere(porter, asked.model);
      case "remove":
        return { bytes: await removeHere(porter, asked.model) };
      case "offer": {
        const offer = await porter.models.offer(asked.model);
        return offer === undefined ? {} : { offer };
      }
    }
  };
