/**
 * A model that is not here yet is waited for before its job is sent: the job's deadline is for the answer alone.
 *
 *  AR1 Whoever gave a deadline of their own gets it: nothing is waited for, and the job itself waits for its model.
 *
 * @module
 */
import type { TaskBody, TaskEvent } from "../protocol/api.ts";
import { hubName, means } from "../protocol/model-name.ts";
import type { Client } from "./client.ts";
import { errorFrom } from "./door.ts";

/** @throws RbeeError the failure of the download */
export async function untilHere(
  client: Client,
  { model, deadline_ms }: TaskBody,
  signal: AbortSignal,
  on: (event: TaskEvent) => Promise<void>,
): Promise<void> {
  if (model === undefined || deadline_ms !== undefined || hubName(model) === undefined) return;
  if ((await client.models()).some(({ id }) => means(model, id))) return;
  await client.download(model, signal);
  for await (const event of client.downloadEvents(model, signal)) {
    if (event.type === "error") throw errorFrom(event.code, event.message);
    if (event.type === "done") return;
    if (event.step !== "fetching" || event.totalBytes === 0) continue;
    const fraction = Math.min(1, event.presentBytes / event.totalBytes);
    await on({ type: "loading", model, fraction, step: "download" });
  }
}
