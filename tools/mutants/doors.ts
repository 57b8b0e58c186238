/**
 * Mutants of the dialects at the door.
 *
 * @module
 */
import { CALL_SYNTAX, CHAT_HISTORY, ENGINE_PORT, OPENAI_ROUTES, RESPONSES, STOP, TOOLS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const RUN = "src/doors/run.ts";
const TEXT = "src/doors/openai/text.ts";
const TOOLS_PART = "src/doors/tools.ts";
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
    find: `      hasOpened = true;`,
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
  {
    name: "choices-that-are-one",
    rule: "OT3",
    breaks: "every choice is the same answer",
    file: RUN,
    find: `seed: (seed + index) % SEEDS,`,
    replace: `seed,`,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "jobs-of-a-refused-answer-go-on",
    rule: "RN3",
    breaks: "jobs work for an answer that was refused",
    file: RUN,
    find: `await Promise.all(jobs.map((job) => seat.cancel(job)));`,
    replace: ``,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "item-left-open-before-a-call",
    rule: "OE1",
    breaks: "what was said before a call is never done, and is not in the response",
    file: "src/doors/openai/response-events.ts",
    find: `        this.#close("completed");
        this.#add({ type: "function_call"`,
    replace: `        this.#add({ type: "function_call"`,
    killers: [RESPONSES],
  },
  {
    name: "cut-response-completed",
    rule: "OE2",
    breaks: "a response that ran out of tokens is complete",
    file: "src/doors/openai/response-events.ts",
    find: `part.ended.finish === "length" ? "incomplete" : "completed"`,
    replace: `part.ended.finish === "tool_calls" ? "incomplete" : "completed"`,
    killers: [RESPONSES],
  },
  {
    name: "response-gone-on-with",
    rule: "OS1",
    breaks: "a response that was never kept is gone on with from nothing",
    file: "src/doors/openai/responses-schema.ts",
    find: `previous_response_id: absent("previous_response_id"),`,
    replace: `previous_response_id: z.string().nullish(),`,
    killers: [RESPONSES],
  },
  {
    name: "call-left-unanswered",
    rule: "TO1",
    breaks: "a model reads on although its call was never answered",
    file: TOOLS_PART,
    find: `if (open.size > 0) throw invalid(field, role,`,
    replace: `if (open.size > 99) throw invalid(field, role,`,
    killers: [TOOLS],
  },
  {
    name: "tool-chosen-that-is-not-there",
    rule: "TO2",
    breaks: "a model has to call what nobody described",
    file: TOOLS_PART,
    find: `typeof choice === "object" && !names.has(choice.name)`,
    replace: `typeof choice === "object" && names.size === 0`,
    killers: [TOOLS],
  },
  {
    name: "arguments-of-another-call",
    rule: "PI1",
    breaks: "the arguments of a later call are given to the first",
    file: "src/doors/pieces.ts",
    find: `const last = this.#calls.at(-1);`,
    replace: `const last = this.#calls.at(0);`,
    killers: [TOOLS],
  },
  {
    name: "call-missed-for-a-space",
    rule: "CX1",
    breaks: "a call is text where a model leaves out the line break behind its tag",
    file: "src/actors/engines/call-syntax.ts",
    find: `return TAG.exec(text)?.[0] ?? text;`,
    replace: `return text;`,
    killers: [CALL_SYNTAX],
  },
  {
    name: "turn-begun-anew-behind-answers",
    rule: "CH1",
    breaks: "a model says what came of its call as if somebody else had called",
    file: "src/actors/engines/chat-history.ts",
    find: `if (turn === undefined || calls.size === 0)`,
    replace: `if (turn === undefined || calls.size >= 0)`,
    killers: [CHAT_HISTORY],
  },
  {
    name: "call-named-in-its-arguments",
    rule: "G1",
    breaks: "a run that was cut in a call takes its name for the beginning of its arguments",
    file: "src/actors/worker/engine-port.ts",
    find: `pieces.slice(at + 1, calls[index + 1])`,
    replace: `pieces.slice(at, calls[index + 1])`,
    killers: [ENGINE_PORT],
  },
];
