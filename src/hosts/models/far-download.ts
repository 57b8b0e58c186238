/**
 * A download of another machine, followed from the queen's: it is asked how far it is until it has ended.
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
import type { DownloadEvent } from "../../protocol/download-api.ts";
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
  let heardMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const told = await ask().catch((thrown: unknown) => {
      const { code, message } = errorData(thrown);
      if (!PASSING.has(code) || performance.now() - heardMs > awayMs) throw thrown;
      return { state: "silent", trouble: { code, message } } as const;
    });
    if (told.state === "here") return;
    if (told.state === "failed") throw errorFrom(told.code, told.message);
    if (told.state === "silent") last = { ...last, step: "waiting", bytesPerSecond: 0, trouble: told.trouble };
    else {
      last = { type: "progress", ...told.progress };
      heardMs = performance.now();
    }
    yield last;
    await pause(pollMs, undefined, { signal });
  }
}
