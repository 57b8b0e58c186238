/**
 * Mutants of what the programs that people use rely on: schemas that are held, requests that are taken as they come.
 *
 * @module
 */
import { CLIENTS, ENGINE_LLAMA, JSON_GRAMMAR, REFERENCES } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const GRAMMAR = "src/actors/engines/grammar/json-grammar.ts";
const NUMBERS = "src/actors/engines/grammar/number-grammar.ts";
const SCHEMA = "src/actors/engines/grammar/json-schema.ts";
const REFERENCES_PART = "src/doors/openai/references.ts";
const RESPONSES_TOOLS = "src/doors/openai/responses-tools.ts";

export const clients: readonly Mutant[] = [
  {
    name: "items-counted-by-nobody",
    rule: "JG1",
    breaks: "a list has more items than its schema allows",
    file: GRAMMAR,
    find: `const counts = rest(minItems, maxItems, heads.length);`,
    replace: `const counts = rest(minItems, undefined, heads.length);`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "every-argument-forced",
    rule: "JG2",
    breaks: "a model makes up arguments that it would have left out",
    file: GRAMMAR,
    find: `\${isRequired(name) ? "" : "?"} \${tail}`,
    replace: ` \${tail}`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "open-object-empty",
    rule: "JG3",
    breaks: "an object that may have anything has nothing",
    file: GRAMMAR,
    find: `additionalProperties: others = properties === undefined }`,
    replace: `additionalProperties: others = false }`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "bound-that-is-outside-taken",
    rule: "NG1",
    breaks: "a number is one that the schema leaves out",
    file: NUMBERS,
    find: `(min ?? -LARGEST) + (isMinOpen ? 1 : 0)`,
    replace: `(min ?? -LARGEST)`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "rule-of-a-schema-passed-over",
    rule: "JS1",
    breaks: "a text breaks a rule that was asked for, and nobody was told",
    file: SCHEMA,
    find: `if (this.#isStrict) checkRules(schema, at, within);`,
    replace: ``,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "agent-turned-away-for-a-pattern",
    rule: "JS2",
    breaks: "an agent with one argument that cannot be held may call nothing at all",
    file: SCHEMA,
    find: `check(schema, strict);`,
    replace: `check(schema, true);`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "schema-without-a-floor",
    rule: "JS3",
    breaks: "a schema that nests without end takes the worker with it",
    file: SCHEMA,
    find: `around.length > DEPTH_MAX`,
    replace: `around.length > 10_000`,
    killers: [JSON_GRAMMAR],
  },
  {
    name: "word-of-a-document-called",
    rule: "LC3",
    breaks: "a document that mentions a call becomes one",
    file: "src/actors/engines/llama/calls.ts",
    find: `if (text === "") return undefined;`,
    replace: `if (text !== undefined) return undefined;`,
    killers: [ENGINE_LLAMA],
  },
  {
    name: "call-of-no-namespace",
    rule: "RT1",
    breaks: "a client is called by a name that it never gave",
    file: RESPONSES_TOOLS,
    find: `return { name: found.name, namespace: tool.name };`,
    replace: `return { name: called };`,
    killers: [CLIENTS],
  },
  {
    name: "search-promised-by-silence",
    rule: "RT2",
    breaks: "whoever asks for a search alone is answered without one",
    file: RESPONSES_TOOLS,
    find: `functions.length > 0) return functions;`,
    replace: `functions.length >= 0) return functions;`,
    killers: [CLIENTS],
  },
  {
    name: "half-an-answer-named",
    rule: "RF1",
    breaks: "a model reads half of what it said as all of it",
    file: REFERENCES_PART,
    find: `if (item.type === "end" && item.end.type === "done") return heard;
  }`,
    replace: `if (item.type === "end" && item.end.type === "done") return heard;
  }
  if (heard.text !== "") return heard;`,
    killers: [REFERENCES],
  },
  {
    name: "answer-of-another-key-read",
    rule: "RF2",
    breaks: "whoever guesses the name of an item has the answers of others read out",
    file: REFERENCES_PART,
    find: `seat.read(job, 0, signal, caller)`,
    replace: `seat.read(job, 0, signal)`,
    killers: [REFERENCES],
  },
  {
    name: "answer-cut-unasked",
    rule: "OS2",
    breaks: "a session of an agent ends in the middle of a long answer",
    file: "src/doors/openai/responses.ts",
    find: `request.max_output_tokens ?? NO_BOUND`,
    replace: `request.max_output_tokens ?? 1024`,
    killers: [CLIENTS],
  },
];
