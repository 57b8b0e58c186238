/**
 * Downloads of another machine, followed from the queen's: it is asked how far one is until that has ended, or all are.
 *
 * Owns: asking again, and when that is given up. Does not own: the answer (own-models.ts), carrying it
 * (cluster/questions.ts).
 *
 *  FD1 It ends when that machine says that it has ended, with its own code. A link that broke is no end: it is told as
 *      what is waited for, and only a machine that stays away for long is given up. The download itself goes on.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { DownloadEvent, DownloadView } from "../../protocol/download-api.ts";
import { errorData } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import type { Fetching } from "../../protocol/machine-api.ts";

type Progress = Extract<DownloadEvent, { type: "progress" }>;

export interface FarTimes {
  readonly pollMs: number;
  /** Longer than a node needs to start again. */
  readonly awayMs: number;
}

export const FAR_TIMES: FarTimes = { pollMs: 400, awayMs: 20_000 };

/** It may be there, and will say so. */
const PASSING: ReadonlySet<string> = new Set(["machine.away", "ask.deadline", "host.restarted", "mailbox.full"]);

/** @param ask that machine @throws RbeeError its failure, or the code for which it does not say */
export async function* followFar(
  model: string,
  ask: () => Promise<Fetching>,
  signal: AbortSignal,
  { pollMs, awayMs }: FarTimes = FAR_TIMES,
): AsyncGenerator<Progress> {
  const nothing = { step: "resolving", presentBytes: 0, totalBytes: 0, bytesPerSecond: 0 } as const;
  let last: Progress = { type: "progress", model, ...nothing };
  const heard = patiently(ask, awayMs);
  for (;;) {
    signal.throwIfAborted();
    const told = await heard();
    if ("trouble" in told) last = { ...last, step: "waiting", bytesPerSecond: 0, trouble: told.trouble };
    else if (told.state === "here") return;
    else if (told.state === "failed") throw errorFrom(told.code, told.message);
    else last = { type: "progress", ...told.progress };
    yield last;
    await pause(pollMs, undefined, { signal });
  }
}

/** All of a machine, each whenever it has got on. @param ask which run there, and how far they are */
export async function* followAllFar(
  ask: () => Promise<readonly DownloadView[]>,
  signal: AbortSignal,
  { pollMs, awayMs }: FarTimes = FAR_TIMES,
): AsyncGenerator<Progress> {
  let known: ReadonlyMap<string, DownloadView> = new Map();
  const heard = patiently(async () => ({ running: await ask() }), awayMs);
  for (;;) {
    signal.throwIfAborted();
    const told = await heard();
    if ("running" in told) {
      const before = known;
      known = new Map(told.running.map((view) => [view.model, view]));
      for (const view of told.running)
        if (!isDeepStrictEqual(view, before.get(view.model))) yield { type: "progress", ...view };
    }
    await pause(pollMs, undefined, { signal });
  }
}

/** FD1. What is answered, or why nothing is for now. @throws where that has lasted too long, or does not pass */
function patiently<Told extends object>(ask: () => Promise<Told>, awayMs: number) {
  let heardMs = performance.now();
  return async (): Promise<Told | { readonly trouble: NonNullable<DownloadView["trouble"]> }> => {
    try {
      const told = await ask();
      heardMs = performance.now();
      return told;
    } catch (thrown) {
      const { code, message } = errorData(thrown);
      if (!PASSING.has(code) || performance.now() - heardMs > awayMs) throw thrown;
      return { trouble: { code, message } };
    }
  };
}
