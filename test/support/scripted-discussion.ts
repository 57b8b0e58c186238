/**
 * What a queen who answers alone tells of a script: the log of it, and her words.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Unwritten } from "../../machines/rules/log.ts";
import type { TaskEvent } from "../../src/protocol/api.ts";
import type { DiscussionAccepted } from "../../src/protocol/discussion-api.ts";
import { opened, recorded, source, usage } from "./recorded-log.ts";

interface Telling {
  readonly job: string;
  readonly script: string;
  readonly lastEventId: string | undefined;
  readonly response: ServerResponse;
}

export const discussionBegun = (discussion: string, session = "s1"): DiscussionAccepted => ({
  discussion,
  session,
  mode: "alone",
  why: "it is short",
  events_url: `/v2/discussions/${discussion}/events`,
});

const wordsBeforeBreak = (script: string): number =>
  (script.split(/(?:^|, )break/)[0] ?? "").split(", ").filter((step) => step.startsWith("say")).length;

/** What happens to a task, as the log of the queen who answers alone. */
export function aloneTeller({ job, script, lastEventId, response }: Telling): (event: TaskEvent) => void {
  const after = Number(lastEventId ?? -1);
  const missed = wordsBeforeBreak(script);
  let seq = -1;
  const write = (event: Unwritten): void => {
    seq += 1;
    const [placed] = recorded([event]);
    if (placed === undefined || seq <= after) return;
    const data = JSON.stringify({ ...placed, seq, at: 1_000 + seq });
    response.write(`event: ${event.type}\nid: ${seq}\ndata: ${data}\n\n`);
  };
  const end = (reason: "exhausted" | "all_failed", text: string, tokens: number): void => {
    write({ type: "closing", reason });
    write({ type: "closed" });
    const worth = { tokens, ms: 2, contributions: text === "" ? 0 : 1, flips: 0 };
    write({ type: "final", upTo: 2, text, by: text === "" ? "extract" : "contribution", minority: [], worth });
  };
  const turn = { agent: "queen", turn: 1, basis: 0 };
  const agents = [{ name: "queen", colour: "yellow", hash: "q" }];
  write(opened("alone", { why: "it is short", agents }));
  write({ type: "granted", ...turn, kind: "answer", reservedTokens: 512 });
  let text = "";
  return (event) => {
    if (event.type === "token") {
      const data = JSON.stringify({ agent: "queen", turn: 1, offset: text.length, text: event.token });
      text += event.token;
      // Who comes back hears what is said from then on; the whole of it is in the log.
      if (after < 0 || event.index >= missed) response.write(`event: token\ndata: ${data}\n\n`);
    } else if (event.type === "done") {
      write({ type: "contributed", ...turn, text, usage, source: source(job) });
      end("exhausted", text, event.total_tokens);
    } else if (event.type === "error") {
      write({ type: "failed", agent: "queen", turn: 1, kind: event.code, message: event.message });
      end("all_failed", "", 0);
    }
  };
}
