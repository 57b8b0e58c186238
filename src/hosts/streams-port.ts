/**
 * The `streams` port: what jobs tell the spool.
 *
 * @module
 */
import type { Streams } from "../net/streams.ts";
import type { StreamsAsk } from "../protocol/ports.ts";
import type { ErrorData } from "../protocol/errors.ts";
import type { Message } from "../runtime/envelope.ts";
import type { Port } from "../runtime/ports.ts";

/** What a worker of another machine said last may come behind its answer, or again behind a link that broke. */
const LATE_MS = 5000;

/** @param after of the node's own time */
export function streamsPort(streams: Streams, after: (ms: number, run: () => void) => void): Port {
  const kept = ({ isAwaited }: { readonly isAwaited: boolean }, then: () => void): void => {
    if (isAwaited) queueMicrotask(then);
    else void streams.flushed().then(then);
  };
  return {
    ask({ event }, answer) {
      // Done at once, so that what a job tells its stream is in order with what its worker says; answered after.
      const asked = event as StreamsAsk;
      const say = (made: Message): void => answer({ ok: true, event: made });
      switch (asked.type) {
        case "begin":
          streams.begin(asked);
          return queueMicrotask(() => say({ type: "stream.begun" }));
        case "recall": {
          const said = { type: "said", said: streams.recall(asked.job) } as Message;
          return queueMicrotask(() => say(said));
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

const lost = (job: string): ErrorData => ({ code: "stream.lost", message: `some of what ${job} had said is lost` });
