/**
 * What the hive does about models that are not here: begins their downloads, tells who waits, removes them again.
 *
 * Owns: one download for each name that is asked for, however many ask; who is told of its end. Does not own: its steps
 * (machines/download.ts), files (the port `models`).
 *
 *  F1 Whoever asks while it runs joins it; whoever waits is told of its end exactly once, with its own code.
 *  F2 A worker whose model is absent waits for its download, once: what is absent after that is refused.
 *  F3 A model is removed only when no worker uses its files; a download of it is cancelled first.
 *  F4 Running downloads, remembered ends and who waits are bounded.
 *
 * @module
 */
import type { DownloadEvent, DownloadFailure } from "../../../machines/download.ts";
import type { HiveEvent } from "../../../machines/hive.ts";
import { type ErrorCode, type ErrorData, isErrorCode } from "../../protocol/errors.ts";
import { means } from "../../protocol/model-name.ts";
import { MODELS_PORT, type ModelsAsk } from "../../protocol/ports.ts";
import { ask, type Command, del, put, refuse, reply, type Scope, spawn, tell, watch } from "../../runtime/behaviour.ts";
import type { AskRef } from "../../runtime/envelope.ts";
import { event, reader } from "../../runtime/reading.ts";
import { downloadCell, downloadId, modelIn } from "./download.ts";
import { askMeasure } from "./measuring.ts";
import { turnedAway } from "./memory.ts";
import { downloads, ENDED_KEPT, members, pending, plans, removals, WAITING_MAX } from "./tables.ts";

const read = reader<HiveEvent>();
const toDownload = event<DownloadEvent>();

const RUNNING_MAX = 16;
const REMOVE_MS = 60_000;

const BROKEN: DownloadFailure = { code: "defect", class: "defect", message: "the cell of the download broke" };

/** Begins it, or joins the one that runs. A failure when there are too many. */
function beginOrJoin(scope: Scope, model: string): readonly Command[] | ErrorData {
  const rows = [...scope.rows(downloads).entries()];
  if (scope.rows(downloads).get(model)?.state === "running") return [];
  const running = runningDownloads(scope).length;
  if (running >= RUNNING_MAX) return { code: "queue.full", message: `${running} models are being fetched already` };
  const ended = rows.filter(([name, { state }]) => state !== "running" && name !== model);
  const cell = downloadId(scope, model);
  return [
    ...ended.slice(0, Math.max(0, ended.length - ENDED_KEPT + 1)).map(([name]) => del(downloads, name)),
    put(downloads, model, { state: "running", cell, failure: undefined, waiting: [] }),
    spawn("download", cell, {}),
    watch(downloadCell(scope, cell)),
  ];
}

export const runningDownloads = (scope: Scope): readonly string[] =>
  [...scope.rows(downloads).entries()].flatMap(([model, { state }]) => (state === "running" ? [model] : []));

const isCommands = (made: readonly Command[] | ErrorData): made is readonly Command[] => Array.isArray(made);

export function beginFetch(_params: unknown, scope: Scope): readonly Command[] {
  const { model } = read(scope, "fetch");
  const { re } = scope;
  if (re === undefined) return [];
  const made = beginOrJoin(scope, model);
  if (!isCommands(made)) return [refuse(re, made)];
  return [...made, reply(re, { type: "fetch.begun" }, "flush")];
}

export function awaitFetch(_params: unknown, scope: Scope): readonly Command[] {
  const { model } = read(scope, "await.fetch");
  const { re } = scope;
  if (re === undefined) return [];
  const row = scope.rows(downloads).get(model);
  if (row === undefined) return [refuse(re, { code: "request.not.found", message: `nobody fetches ${model}` })];
  if (row.state === "done") return [reply(re, { type: "fetch.done" })];
  if (row.state === "failed") return [refuse(re, errorOf(row.failure ?? BROKEN))];
  const { waiting } = row;
  const [oldest] = waiting.length < WAITING_MAX ? [] : waiting;
  return [
    ...(oldest === undefined ? [] : [refuse(oldest, { code: "mailbox.full", message: `too many wait for ${model}` })]),
    put(downloads, model, { ...row, waiting: [...waiting.slice(oldest === undefined ? 0 : 1), re] }),
  ];
}

/** Who asked gave up: the download goes on, for whoever comes. */
export function forgetWaiting(scope: Scope, id: string): readonly Command[] {
  return [...scope.rows(downloads).entries()].flatMap(([model, row]) => {
    const waiting = row.waiting.filter((re) => re.id !== id);
    return waiting.length === row.waiting.length ? [] : [put(downloads, model, { ...row, waiting })];
  });
}

/** Before a worker is refused because it could not be measured. Nothing: there is no help by fetching. F2 */
export function fetchFor(scope: Scope, worker: string, code: string): readonly Command[] | undefined {
  const row = scope.rows(pending).get(worker);
  if (row === undefined || row.fetched || code !== "model.absent") return undefined;
  const made = beginOrJoin(scope, row.model);
  if (!isCommands(made)) return turnedAway(worker, row, made);
  return [...made, put(pending, worker, { ...row, waits: "download", fetched: true })];
}

const waitingFor = (scope: Scope, model: string) =>
  [...scope.rows(pending).entries()].filter(([, row]) => row.waits === "download" && row.model === model);

export function noteFetched(_params: unknown, scope: Scope): readonly Command[] {
  const { model } = read(scope, "download.done");
  const row = scope.rows(downloads).get(model);
  if (row === undefined) return [];
  return [
    put(downloads, model, { ...row, state: "done", waiting: [] }),
    ...row.waiting.map((re) => reply(re, { type: "fetch.done" })),
    ...waitingFor(scope, model).flatMap(([worker, waiting]) => askMeasure(worker, waiting, scope)),
  ];
}

export function noteUnfetched(_params: unknown, scope: Scope): readonly Command[] {
  const { model, code, class: kind, message } = read(scope, "download.failed");
  return fail(scope, model, { code, class: kind, message });
}

/** Its cell broke too often. */
export const noteBrokenDownload = (scope: Scope, id: string): readonly Command[] => fail(scope, modelIn(id), BROKEN);

function fail(scope: Scope, model: string, failure: DownloadFailure): readonly Command[] {
  const row = scope.rows(downloads).get(model);
  if (row?.state !== "running") return [];
  const error = errorOf(failure);
  return [
    put(downloads, model, { ...row, state: "failed", failure, waiting: [] }),
    ...row.waiting.map((re) => refuse(re, error)),
    ...waitingFor(scope, model).flatMap(([worker, waiting]) => turnedAway(worker, waiting, error)),
  ];
}

const errorOf = ({ code, message }: DownloadFailure): ErrorData => ({ code: codeOf(code), message });
const codeOf = (code: string): ErrorCode => (isErrorCode(code) ? code : "defect");

/** All downloads of these files, under whatever name. */
function cellsOf(scope: Scope, model: string): readonly string[] {
  const rows = scope.rows(plans);
  const name = rows.get(model)?.plan?.name ?? model;
  return [...scope.rows(downloads).entries()].flatMap(([asked, { state, cell }]) => {
    const isPlanned = rows.get(asked)?.plan?.name === name;
    // Before the hub has said what a name means, the names themselves tell.
    const isIt = asked === model || asked === name || isPlanned || means(model, asked) || means(asked, model);
    return state === "running" && isIt ? [cell] : [];
  });
}

export function removeModel(_params: unknown, scope: Scope): readonly Command[] {
  const { model } = read(scope, "remove.model");
  const { re } = scope;
  if (re === undefined) return [];
  const key = String(scope.serial);
  const inUse = [...scope.rows(members).entries()].map(([, { path }]) => path);
  const made: ModelsAsk = { type: "remove", key, model, inUse };
  return [
    ...cellsOf(scope, model).map((cell) => tell(downloadCell(scope, cell), toDownload({ type: "cancel" }), "control")),
    put(removals, key, re),
    ask(MODELS_PORT, made, { name: "remove", key, deadlineMs: REMOVE_MS, onRestart: "again" }),
  ];
}

export function answerRemoved(_params: unknown, scope: Scope): readonly Command[] {
  const found = read(scope, "removed", "remove.failed");
  const re: AskRef | undefined = scope.rows(removals).get(found.key);
  if (re === undefined) return [];
  const answer =
    found.type === "removed"
      ? reply(re, { type: "model.removed", bytes: found.bytes } as { readonly type: string })
      : refuse(re, { code: codeOf(found.code), message: found.message });
  return [del(removals, found.key), answer];
}
