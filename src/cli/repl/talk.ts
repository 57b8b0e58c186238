/**
 * One talk with one queen: what every way of having it shares.
 *
 * @module
 */
import type { DiscussionRequest } from "../../protocol/discussion-api.ts";
import type { Run } from "../run.ts";
import type { Session } from "../session/session.ts";
import type { Hearing } from "../team/hearing.ts";

export type ModeAsked = NonNullable<DiscussionRequest["mode"]>;

export interface Talk {
  readonly run: Run;
  readonly session: Session;
  /** Undefined: the queen's own choice. */
  model: string | undefined;
  /** Undefined: as the queen is configured. */
  mode: ModeAsked | undefined;
  /** What was asked and answered so far, by the name that the queen gave it: what follows is asked in it. */
  thread?: string;
  /** Of the last request that was accepted. */
  hearing?: Hearing;
}

export const requestIn = (
  { model, thread }: Talk,
  request: string,
  mode: ModeAsked | undefined,
): DiscussionRequest => ({
  request,
  ...(mode === undefined ? {} : { mode }),
  ...(model === undefined ? {} : { model }),
  ...(thread === undefined ? {} : { session: thread }),
});
