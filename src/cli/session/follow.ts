/**
 * One request to the team, from its beginning to its end.
 *
 * Owns: following a discussion, and stopping it. Does not own: where its words go, what came of it (team/hearing.ts).
 *
 *  FO1 Told to stop, the discussion is stopped at once; what there is by then is waited for, but not for long, and of
 *      the queen alone not at all: her words are said already.
 *  FO2 Whoever leaves stops what nobody waits for any more.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { DiscussionAccepted, DiscussionEvent, DiscussionRequest } from "../../protocol/discussion-api.ts";
import { errorData, RbeeError } from "../../protocol/errors.ts";
import { unlessAborted } from "./answer.ts";
import type { Client } from "../client/client.ts";
import { abortReason } from "../client/door.ts";
import type { Run } from "../run.ts";

/** How long leaving may wait for the queen to take the stop. */
const LEAVING_MS = 1_000;
/** How long an answer is put together at the most, once it was stopped. */
const STOPPING_MS = 10_000;

export interface Ending {
  /** Aborted: it is to end with what there is. */
  readonly stop: AbortSignal;
  /** Aborted: nobody listens any more. */
  readonly leave: AbortSignal;
}

/** Of a command that asks: the first Ctrl-C stops, the second leaves; so does a reader who goes away, or a SIGTERM. */
export function endingOf({ interruption, output }: Run): Ending {
  const { signal } = interruption;
  const hurried = new AbortController();
  const hurry = (): void => hurried.abort(abortReason(signal));
  interruption.onAgain(hurry);
  signal.addEventListener("abort", () => {
    if (errorData(signal.reason).code !== "interrupted") hurry();
  });
  return { stop: signal, leave: AbortSignal.any([hurried.signal, output.readerGone]) };
}

export interface Following extends Ending {
  accepted(accepted: DiscussionAccepted): void;
  /** Awaited: a slow reader slows the stream, and not this process's memory. */
  on(event: DiscussionEvent): Promise<void>;
}

/** Returns behind `final`. @throws the reason of the signal that ended it before */
export async function follow(client: Client, request: DiscussionRequest, following: Following): Promise<void> {
  const { stop, leave } = following;
  const ended = new AbortController();
  const either = AbortSignal.any([stop, leave]);
  either.throwIfAborted();
  const begun = client.discuss(request, ended.signal);
  let told: Promise<void> | undefined;
  const stopped = (): Promise<void> =>
    (told ??= begun.then(({ discussion }) => client.say(discussion, STOP, ended.signal)));
  try {
    const accepted = await unlessAborted(begun, either);
    following.accepted(accepted);
    const patient = new AbortController();
    const isAlone = accepted.mode === "alone";
    const onStop = (): void => {
      if (isAlone) return patient.abort(abortReason(stop));
      // What cannot be told to her is not waited for.
      void stopped().catch(() => patient.abort(abortReason(stop)));
      void pause(STOPPING_MS, undefined, { ref: false, signal: ended.signal })
        .then(() => patient.abort(abortReason(stop)))
        .catch(() => {});
    };
    stop.addEventListener("abort", onStop, { once: true });
    if (stop.aborted) onStop();
    const listening = AbortSignal.any([leave, patient.signal]);
    for await (const event of client.discussionEvents(accepted.discussion, listening)) {
      await following.on(event);
      if (event.type === "final") return;
    }
  } catch (error) {
    // Whatever becomes of it, we leave: a queen that is gone has nothing left to stop.
    if (either.aborted) await Promise.race([stopped().catch(() => {}), pause(LEAVING_MS, undefined, { ref: false })]);
    throw error;
  } finally {
    ended.abort();
  }
  throw new RbeeError("defect", "the events of a discussion ended without an end");
}

const STOP = { order: "stop" } as const;
