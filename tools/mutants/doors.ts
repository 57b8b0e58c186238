/**
 * Mutants of the dialects at the door.
 *
 * @module
 */
import { OPENAI_ROUTES, STOP } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const RUN = "src/doors/run.ts";
const TEXT = "src/doors/openai/text.ts";
const STOP_READER = "src/actors/engines/stop-reader.ts";

export const doors: readonly Mutant[] = [
  {
    name: "slot-works-for-nobody",
    rule: "RN1",
    breaks: "a client that has gone leaves its job running",
    file: RUN,
    find: `if (!isOver) await seat.cancel(job);`,
    replace: ``,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "failure-told-as-answer",
    rule: "RN2",
    breaks: "a job that failed is an answer that stopped",
    file: RUN,
    find: `if (end.type === "done") return end;`,
    replace: `const usage = { promptTokens: 0, completionTokens: 0, firstTokenMs: 0, totalMs: 0 };
  if (end.type !== "done") return { finish: "stop", usage };
  if (end.type === "done") return end;`,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "stream-that-opens-twice",
    rule: "OT2",
    breaks: "every piece of a stream begins the message anew",
    file: TEXT,
    find: `    opening = undefined;`,
    replace: ``,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "stop-in-two-pieces-missed",
    rule: "ST2",
    breaks: "a stop string that comes in two pieces is said to the client",
    file: STOP_READER,
    find: `length > longest; length -= 1`,
    replace: `length > text.length; length -= 1`,
    killers: [STOP],
  },
];
