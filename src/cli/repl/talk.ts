/**
 * One talk with one queen: what every way of having it shares.
 *
 * @module
 */
import type { TaskEvent } from "../../protocol/api.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session.ts";

export interface Talk {
  readonly run: Run;
  readonly session: Session;
  /** Undefined: the queen's own choice. */
  model: string | undefined;
  /** The last request, from when it was accepted. */
  job?: string;
}

/** Each request stands alone: the model is told nothing of the ones before. */
export async function ask(
  talk: Talk,
  prompt: string,
  signal: AbortSignal,
  on: (event: TaskEvent) => Promise<void>,
): Promise<void> {
  const { session, model } = talk;
  await session.ask(model === undefined ? { prompt } : { prompt, model }, signal, async (event) => {
    if (event.type === "queued") talk.job = event.job_id;
    await on(event);
  });
}
