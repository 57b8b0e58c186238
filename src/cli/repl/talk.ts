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
}

/** Each request stands alone: the model is told nothing of the ones before. */
export async function ask(
  { session, model }: Talk,
  prompt: string,
  signal: AbortSignal,
  on: (event: TaskEvent) => Promise<void>,
): Promise<void> {
  await session.ask(model === undefined ? { prompt } : { prompt, model }, signal, on);
}
