/**
 * The `streams` port: what jobs tell the spool.
 *
 * @module
 */
import type { Streams } from "../net/streams.ts";
import type { StreamsAsk } from "../protocol/ports.ts";
import type { Message } from "../runtime/envelope.ts";
import type { Port } from "../runtime/ports.ts";

export function streamsPort(streams: Streams): Port {
  const answerTo = (asked: StreamsAsk): Message => {
    switch (asked.type) {
      case "begin":
        streams.begin(asked);
        return { type: "stream.begun" };
      case "recall":
        return { type: "said", said: streams.recall(asked.job) } as Message;
      case "close":
        streams.close(asked.job, asked.end);
        return { type: "stream.closed" };
    }
  };
  return {
    ask({ event }, answer) {
      // Done at once, so that what a job tells its stream is in order with what its worker says; answered after.
      const made = answerTo(event as StreamsAsk);
      queueMicrotask(() => answer({ ok: true, event: made }));
    },
    drop() {},
  };
}
