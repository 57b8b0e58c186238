/**
 * A model on its way here, followed to its end.
 *
 *  AR1 Whoever gave a deadline of their own gets it: nothing is waited for, and the job itself waits for its model.
 *  AR2 Interrupted, it is said that the download goes on, and where.
 *  AR3 The model of a job is fetched to the machine that the job names, else to the queen's: whoever asks may have no
 *      part of the cluster that runs.
 *
 * @module
 */
import { diskSize } from "../../../machines/rules/room.ts";
import type { ModelView, TaskBody, TaskEvent } from "../../protocol/api.ts";
import type { DownloadEvent } from "../../protocol/download-api.ts";
import { hubName, means } from "../../protocol/model-name.ts";
import type { Client } from "../client/client.ts";
import { errorFrom } from "../../protocol/heard-error.ts";

export type Progress = Extract<DownloadEvent, { type: "progress" }>;

export interface Following {
  readonly client: Client;
  /** The machine that it goes to; where it is not given, this one. */
  readonly node?: string | undefined;
  readonly signal: AbortSignal;
  /** The node that fetches ends with this command. */
  readonly endsWithUs: boolean;
  say(line: string): void;
  on(progress: Progress): Promise<void>;
}

/** Begins it, or joins the one that runs. @throws RbeeError the failure of the download, or the signal's reason */
export async function fetched(model: string, following: Following): Promise<void> {
  const { client, node, signal, say, on } = following;
  let last: Progress | undefined;
  try {
    await client.download(model, node, signal);
    for await (const event of client.downloadEvents(model, node, signal)) {
      if (event.type === "error") throw errorFrom(event.code, event.message);
      if (event.type === "done") return;
      last = event;
      await on(event);
    }
  } catch (error) {
    // A terminal's cursor stands behind the bar, or behind the ^C that it wrote itself.
    if (signal.aborted) say(`${process.stderr.isTTY ? "\n" : ""}${goesOnText(model, following, last)}`);
    throw error;
  }
}

/** AR2 */
function goesOnText(model: string, { node, endsWithUs }: Following, last: Progress | undefined): string {
  if (!endsWithUs) return `${node ?? "The node"} goes on with it. ${howFarText(model, node)}`;
  const kept = last === undefined || last.presentBytes === 0 ? "" : `: ${diskSize(last.presentBytes)} are kept`;
  return `It goes on next time from where it is${kept}.`;
}

/** A name may be as long as a line. */
export const howFarText = (model: string, node?: string): string =>
  `This shows how far it is:\n  rbee model download ${model}${node === undefined ? "" : ` --node ${node}`}`;

/** A model that is not here yet is waited for before its job is sent: the job's deadline is for the answer alone. */
export async function untilHere(
  { model, node, deadline_ms }: Pick<TaskBody, "model" | "node" | "deadline_ms">,
  on: (event: TaskEvent) => Promise<void>,
  following: Omit<Following, "on" | "node">,
): Promise<void> {
  if (model === undefined || deadline_ms !== undefined || hubName(model) === undefined) return;
  const { models } = await following.client.models();
  if (isAmong(models, model)) return;
  const to = node ?? (await queensMachine(following.client));
  await fetched(model, { ...following, node: to, on: (progress) => on(asLoading(progress)) });
}

/** Nothing where there is no other. */
async function queensMachine(client: Client): Promise<string | undefined> {
  const machines = await client.machines();
  return machines.length > 1 ? machines.find(({ isQueens }) => isQueens)?.name : undefined;
}

/** @param node on that machine; where it is not given, on any */
export const isAmong = (models: readonly ModelView[], model: string, node?: string): boolean =>
  models.some(({ id, machines }) => means(model, id) && (node === undefined || machines.includes(node)));

/** As whoever waits for the job itself would hear it. */
function asLoading({ type: _type, model, ...download }: Progress): TaskEvent {
  const { presentBytes, totalBytes } = download;
  const fraction = totalBytes === 0 ? 0 : Math.min(1, presentBytes / totalBytes);
  return { type: "loading", model, fraction, step: "download", download };
}
