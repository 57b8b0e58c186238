/**
 * A download of the hive: its machine, and what each of its actions asks of the models port.
 *
 *  L1 Its cell is named after the model that was asked for; another name of the same files is another cell, and the
 *     port fetches them once for both.
 *
 * @module
 */
import { type DownloadEvent, downloadMachine, type ModelPlan } from "../../../machines/download.ts";
import type { HiveEvent } from "../../../machines/hive.ts";
import { roomFor } from "../../../machines/rules/room.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import { MODELS_PORT, type ModelsAsk } from "../../protocol/ports.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  del,
  put,
  raise,
  type Scope,
  tell,
} from "../../runtime/behaviour.ts";
import { event, reader } from "../../runtime/reading.ts";
import { downloads, type PlanRow, plans } from "./tables.ts";

const read = reader<DownloadEvent>();
const toSelf = event<DownloadEvent>();
const toHive = event<HiveEvent>();

export interface DownloadSettings {
  /** Of the disk, for everything else on it. */
  readonly diskReserveBytes: number;
  /** So long nothing may come, tries and pauses included. */
  readonly patienceMs: number;
}

const DAY_MS = 86_400_000;
const ANSWER_MS = 300_000;

/** A model's name may hold what an address may not; and an address lives once, a model may be fetched again. */
export const downloadId = (scope: Scope, model: string): string => `${encodeURIComponent(model)}-${scope.serial}`;
export const downloadCell = (scope: Scope, id: string): Address => address(hostOf(scope.self), "download", id);
export const modelIn = (id: string): string => decodeURIComponent(id.slice(0, id.lastIndexOf("-")));

const modelOf = (scope: Scope): string => modelIn(idOf(scope.self));
const hiveOf = (scope: Scope): Address => address(hostOf(scope.self), "hive", "main");

/** The port forgets with its node; what it did lies on the disk, and is gone on from. */
const askModels = (made: ModelsAsk, deadlineMs: number): Command =>
  ask(MODELS_PORT, made, { name: made.type, deadlineMs, onRestart: "again" });

function rowOf(scope: Scope): PlanRow {
  return scope.rows(plans).get(modelOf(scope)) ?? { plan: undefined, progressAt: scope.at };
}

/** The plan that was noted; a cell that has none yet does not come here. */
const planOf = (scope: Scope): ModelPlan => rowOf(scope).plan ?? { name: modelOf(scope), files: [] };

function othersOf(scope: Scope): readonly ModelPlan[] {
  const { name } = planOf(scope);
  const found = new Map<string, ModelPlan>();
  for (const [model, { plan }] of scope.rows(plans).entries()) {
    const runs = scope.rows(downloads).get(model)?.state === "running";
    if (runs && plan !== undefined && plan.name !== name) found.set(plan.name, plan);
  }
  return [...found.values()];
}

export function downloadBehaviour({ diskReserveBytes, patienceMs }: DownloadSettings): Behaviour {
  return behaviour(
    downloadMachine,
    {
      resolve: (_params, scope) => [
        put(plans, modelOf(scope), rowOf(scope)),
        askModels({ type: "resolve", model: modelOf(scope) }, ANSWER_MS),
      ],
      notePlan: (_params, scope) => {
        const { plan } = read(scope, "resolved");
        return [put(plans, modelOf(scope), { ...rowOf(scope), plan })];
      },
      measureRoom: (_params, scope) => [
        askModels({ type: "room", plan: planOf(scope), others: othersOf(scope) }, ANSWER_MS),
      ],
      weighRoom: (_params, scope) => {
        const { toComeBytes, othersBytes, freeBytes } = read(scope, "room.measured");
        const room = roomFor({ toComeBytes, othersBytes, freeBytes, reserveBytes: diskReserveBytes });
        return [
          raise(
            room.enough
              ? toSelf({ type: "room.enough" })
              : toSelf({ type: "room.lacking", message: `no room for ${modelOf(scope)}: ${room.why}` }),
          ),
        ];
      },
      fetch: (_params, scope) => [askModels({ type: "fetch", model: modelOf(scope), plan: planOf(scope) }, DAY_MS)],
      check: (_params, scope) => [askModels({ type: "check", model: modelOf(scope), plan: planOf(scope) }, DAY_MS)],
      noteProgress: (_params, scope) => [put(plans, modelOf(scope), { ...rowOf(scope), progressAt: scope.at })],
      weighPatience: (_params, scope) =>
        scope.at - rowOf(scope).progressAt > patienceMs ? [raise(toSelf({ type: "patience.lost" }))] : [],
      announceDone: (_params, scope) => [
        del(plans, modelOf(scope)),
        tell(hiveOf(scope), toHive({ type: "download.done", model: modelOf(scope) }), "control"),
      ],
      announceFailed: ({ failure }, scope) => [
        del(plans, modelOf(scope)),
        tell(hiveOf(scope), toHive({ type: "download.failed", model: modelOf(scope), ...failure }), "control"),
      ],
    },
    { limits: { mailMax: 16, outMax: 0 } },
  );
}
