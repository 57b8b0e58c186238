/**
 * The `streams` port: what jobs tell the spool.
 *
 *  SP1 A job whose readers were told that it is done is done: where a loss of power took that word from it, it is told
 *      it again when it begins, and whatever became of its worker does not make it fail.
 *
 * @module
 */
import type { JobEvent } from "../../../machines/job.ts";
import type { Streams } from "../../net/streams.ts";
import type { StreamsAsk } from "../../protocol/ports.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Message } from "../../runtime/envelope.ts";
import type { Port } from "../../runtime/ports.ts";
import { event } from "../../runtime/reading.ts";

const toJob = event<JobEvent>();

/** What a worker of another machine said last may come behind its answer, or again behind a link that broke. */
const LATE_MS = 5000;

/** @param after of the node's own time */
export function streamsPort(streams: Streams, after: (ms: number, run: () => void) => void): Port {
  const kept = ({ isAwaited }: { readonly isAwaited: boolean }, then: () => void): void => {
    if (isAwaited) queueMicrotask(then);
    else void streams.flushed().then(then);
  };
  return {
    ask({ event: said }, answer) {
      // Done at once, so that what a job tells its stream is in order with what its worker says; answered after.
      const asked = said as StreamsAsk;
      const say = (made: Message): void => answer({ ok: true, event: made });
      switch (asked.type) {
        case "begin":
          streams.begin(asked);
          return queueMicrotask(() => say(doneBefore(streams, asked) ?? { type: "stream.begun" }));
        case "recall": {
          const recalled = { type: "said", said: streams.recall(asked.job) } as Message;
          return queueMicrotask(() => say(recalled));
        }
        case "seal":
          return streams.whenWhole(asked, after, LATE_MS, (isWhole) => {
            if (isWhole) kept(asked, () => say({ type: "sealed" }));
            else answer({ ok: false, error: lost(asked.job) });
          });
        case "close": {
          // Once it is closed it may be forgotten.
          const { saidTokens } = streams.standing(asked.job);
          streams.close(asked.job, asked.end);
          const closed = { type: "stream.closed", saidTokens } as Message;
          return kept(asked, () => say(closed));
        }
      }
    },
    drop() {},
  };
}

/** SP1: what it once heard of its worker. */
function doneBefore(streams: Streams, { job, attempt }: Extract<StreamsAsk, { type: "begin" }>): Message | undefined {
  const done = streams.doneAs(job);
  if (done === undefined) return undefined;
  const { finish, stop, usage, chunks } = done;
  return toJob({ type: "executed", attempt, finish, stop, usage, chunks });
}

const lost = (job: string): ErrorData => ({ code: "stream.lost", message: `some of what ${job} had said is lost` });
