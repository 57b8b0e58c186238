/**
 * The hosts of the product as a configuration takes them: the real behaviours and tables, with small settings.
 *
 * @module
 */
import { BARE_REQUEST, type JobRequest } from "../../machines/request.ts";
import { address, type Address } from "../../machines/words.ts";
import { downloadBehaviour } from "../../src/actors/hive/download.ts";
import { hiveBehaviour } from "../../src/actors/hive/behaviour.ts";
import { processBehaviour } from "../../src/actors/hive/process.ts";
import { hiveTables } from "../../src/actors/hive/tables.ts";
import { jobBehaviour } from "../../src/actors/job/behaviour.ts";
import { jobTables } from "../../src/actors/job/tables.ts";
import { queenBehaviour } from "../../src/actors/queen/behaviour.ts";
import { queenTables } from "../../src/actors/queen/tables.ts";
import { workerBehaviour } from "../../src/actors/worker/behaviour.ts";
import { workerTables } from "../../src/actors/worker/tables.ts";
import type { HostSpec } from "./host-image.ts";

export const QUEEN: Address = address("queen", "queen", "main");

/** Time is abstract: any of these may pass at any moment, so it does not matter how long they are. */
const SOON_MS = 1000;
/** But for what is compared with the clock, which stands still. */
const DAY_MS = 86_400_000;

export const queenHost = (hives: readonly string[], attemptsMax: number): HostSpec => ({
  id: "queen",
  behaviours: [
    queenBehaviour({
      queueLengthMax: 2,
      jobDeadlineMs: SOON_MS,
      attemptsMax,
      defaultModel: "m",
      hives: hives.map((hive) => address(hive, "hive", "main")),
      name: "home",
      finishMs: SOON_MS,
      stopMs: SOON_MS,
      crowdedMs: SOON_MS,
      endpoints: {},
    }),
    jobBehaviour(),
  ],
  tables: [...queenTables, ...jobTables] as HostSpec["tables"],
  root: "queen",
  durable: true,
  ports: [],
});

export const hiveHost = (id: string, headroomBytes: number): HostSpec => ({
  id,
  behaviours: [
    hiveBehaviour({ queen: QUEEN, headroomBytes, gpu: "none", threads: 1 }),
    downloadBehaviour({ diskReserveBytes: 0, patienceMs: DAY_MS }),
    processBehaviour({ loadTimeoutMs: SOON_MS, stopTimeoutMs: SOON_MS, killTimeoutMs: SOON_MS, silentMs: SOON_MS }),
  ],
  tables: hiveTables,
  root: "hive",
  durable: true,
  ports: [],
});

export const workerHost = (id: string): HostSpec => ({
  id,
  behaviours: [
    workerBehaviour({
      engine: address(id, "port", "engine"),
      idleTimeoutMs: SOON_MS,
      loadTimeoutMs: SOON_MS,
      drainTimeoutMs: SOON_MS,
      port: () => 1,
    }),
  ],
  tables: workerTables,
  root: "worker",
  durable: false,
  ports: ["engine"],
});

export const jobRequest: JobRequest = { ...BARE_REQUEST, capability: "text", model: "m", prompt: "p" };

export const MODEL_FACTS = {
  architecture: "llama",
  parameters: 1,
  contextTokens: 128,
  slots: 1,
  embeddingDims: 8,
  chatTemplate: true,
  backend: "cpu",
  memoryBytes: 1,
} as const;
