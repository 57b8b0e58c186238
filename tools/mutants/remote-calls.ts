/**
 * Mutants of calls that somebody else's server makes: whole, in order, of what was offered, and told as such; and of
 * how an installed one is started.
 *
 * @module
 */
import { LLAMA_SERVER, REMOTE_CALLS, REMOTE_SCHEMA } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const CALLS = "src/actors/engines/remote/calls.ts";
const HEARING = "src/actors/engines/remote/hearing.ts";

export const remoteCalls: readonly Mutant[] = [
  {
    name: "batch-as-large-as-it-likes",
    rule: "LP5",
    breaks: "llama-server evaluates the whole of a long prompt for a client that has gone",
    file: "src/hosts/worker/llama-server-program.ts",
    find: `if (!embeddings) values["--batch-size"] =`,
    replace: `if (slots < 1) values["--batch-size"] =`,
    killers: [LLAMA_SERVER],
  },
  {
    name: "calls-as-they-come",
    rule: "CP1",
    breaks: "a second call is told in the middle of the first one's arguments",
    file: CALLS,
    find: `if (this.#at + 1 >= this.#calls.length || !isJsonObject(call.arguments)) return parts;`,
    replace: `if (this.#at + 1 >= this.#calls.length) return parts;`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "broken-arguments-told",
    rule: "CP2",
    breaks: "a call with broken JSON is an answer",
    file: CALLS,
    find: `if (!isJsonObject(call.arguments)) throw this.#refused`,
    replace: `if (call.arguments === "") throw this.#refused`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "anything-called",
    rule: "CP2",
    breaks: "a function is called that nobody offered",
    file: CALLS,
    find: `if (!this.#offered.has(call.name)) throw`,
    replace: `if (call.name === "") throw`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "more-calls-than-asked",
    rule: "CP3",
    breaks: "two calls are told where one was asked for",
    file: CALLS,
    find: `this.#most = parallel === true && typeof choice !== "object" ? Infinity : 1;`,
    replace: `this.#most = parallel === true && typeof choice !== "object" ? Infinity : 2;`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "other-call-gone-on-with",
    rule: "CP4",
    breaks: "the rest of another call is told behind the arguments that were said",
    file: CALLS,
    find: `if (!call.arguments.startsWith(again)) throw this.#cut();`,
    replace: ``,
    killers: [REMOTE_CALLS],
  },
  {
    name: "fewer-calls-than-said",
    rule: "CP4",
    breaks: "an answer that ends before the calls that were said is taken for its end",
    file: CALLS,
    find: `if (isShort || this.#said.length > calls.length) throw this.#cut();`,
    replace: ``,
    killers: [REMOTE_CALLS],
  },
  {
    name: "text-for-a-call",
    rule: "HE1",
    breaks: "a text is an answer where something had to be called",
    file: HEARING,
    find: `if (finish === "stop" && !this.#isForced) return finish;`,
    replace: `if (finish === "stop") return finish;`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "text-behind-calls",
    rule: "HE1",
    breaks: "text is told in the middle of calls",
    file: HEARING,
    find: `return this.#isForced || this.#calls.count > 0 ? [] :`,
    replace: `return this.#isForced ? [] :`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "called-and-just-stopped",
    rule: "HE2",
    breaks: "who reads an answer with calls is not told to make them",
    file: HEARING,
    find: `if (this.#calls.count > 0) return "tool_calls";`,
    replace: `if (this.#calls.count > 0 && finish === "tool_calls") return finish;`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "choice-passed-over",
    rule: "OA4",
    breaks: "another function is called than the one that has to be",
    file: "src/actors/engines/remote/dialect.ts",
    find: `.filter(({ name }) => typeof choice === "string" || choice.name === name)`,
    replace: `.filter(({ name }) => typeof choice === "string" || name !== "")`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "raw-model-asked-to-call",
    rule: "OA5",
    breaks: "a model without a chat template completes a request for calls as if there were none",
    file: "src/actors/engines/remote/openai.ts",
    find: `if (request.tools !== undefined) throw noTools("it has no chat template");`,
    replace: ``,
    killers: [REMOTE_CALLS],
  },
  {
    name: "answer-without-its-call",
    rule: "OL3",
    breaks: "Ollama is not told which call a result answers",
    file: "src/actors/engines/remote/ollama.ts",
    find: `tool_name: names.get(callId), `,
    replace: ``,
    killers: [REMOTE_CALLS],
  },
  {
    name: "no-tools-tried-again",
    rule: "RE10",
    breaks: "a model that can call nothing counts as a server that broke",
    file: "src/actors/engines/remote/engine.ts",
    find: `throw request.tools === undefined ? thrown : orWithoutTools(thrown);`,
    replace: `throw thrown;`,
    killers: [REMOTE_CALLS],
  },
  {
    name: "properties-left-out",
    rule: "SC1",
    breaks: "a server leaves out what the engine of this machine would always say",
    file: "src/actors/engines/remote/strict-schema.ts",
    find: `, required: Object.keys(properties) };`,
    replace: ` };`,
    killers: [REMOTE_SCHEMA],
  },
];
