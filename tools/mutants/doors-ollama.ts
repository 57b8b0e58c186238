/**
 * Mutants of the Ollama dialect.
 *
 * @module
 */
import { DIALECTS, OLLAMA_MODELS, OLLAMA_NAMES, OLLAMA_TEXT } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const DIALOGUE = "src/doors/ollama/dialogue.ts";
const FACTS = "src/doors/ollama/facts.ts";
const LOADING = "src/doors/ollama/loading.ts";
const KEEP_ALIVE = "src/doors/ollama/keep-alive.ts";
const NAMES = "src/doors/ollama/names.ts";
const OPTIONS = "src/doors/ollama/options.ts";
const PULL = "src/doors/ollama/pull.ts";
const ROUTES = "src/doors/ollama/routes.ts";
const SCHEMA = "src/doors/ollama/schema.ts";
const TAGS = "src/doors/ollama/tags.ts";
const TEXT = "src/doors/ollama/text.ts";

export const ollamaDialect: readonly Mutant[] = [
  {
    name: "last-line-that-is-not-done",
    rule: "OX1",
    breaks: "a client waits for more behind the end",
    file: TEXT,
    find: `  done: true,
  done_reason: ended.finish`,
    replace: `  done: said.text !== "",
  done_reason: ended.finish`,
    killers: [DIALECTS, OLLAMA_TEXT],
  },
  {
    name: "text-said-twice-at-the-end",
    rule: "OX2",
    breaks: "a stream says its last piece again with its end",
    file: TEXT,
    find: `await sink.send({ data: lastOf(asked, NOTHING_SAID, part.ended) });`,
    replace: `await sink.send({ data: lastOf(asked, { text: "end", calls: [] }, part.ended) });`,
    killers: [DIALECTS, OLLAMA_TEXT],
  },
  {
    name: "call-that-was-cut-told",
    rule: "OX3",
    breaks: "a client is given a call whose arguments are missing, or an error in place of the answer",
    file: TEXT,
    find: `calls: finish === "length" ?`,
    replace: `calls: finish === "stop" ?`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "answer-to-another-call",
    rule: "OM1",
    breaks: "what one tool said is told to the model as the answer of another",
    file: DIALOGUE,
    find: `open.find((call) => call.name === name) ?? `,
    replace: ``,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "milliseconds-told-as-nanoseconds",
    rule: "OX4",
    breaks: "every client shows a million times the speed",
    file: TEXT,
    find: `Math.round(ms * 1e6)`,
    replace: `Math.round(ms)`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "unbounded-answer-cut-short",
    rule: "OO1",
    breaks: "an answer without a bound ends after the first token",
    file: OPTIONS,
    find: `bound === null || bound < 0 ? LIMITS.outputTokens`,
    replace: `bound === null || bound < 0 ? 1`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "option-passed-over",
    rule: "OO1",
    breaks: "a client believes in a sampling that it does not have",
    file: OPTIONS,
    find: `typical_p: only(1),`,
    replace: `typical_p: number,`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "machine-of-another-refused",
    rule: "OO2",
    breaks: "a client that says how many threads it would like is refused",
    file: OPTIONS,
    find: `num_thread: number,`,
    replace: `num_thread: only(1),`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "window-of-another-refused",
    rule: "OO3",
    breaks: "a client that says its window with every request is never answered",
    file: OPTIONS,
    find: `num_ctx: number,`,
    replace: `num_ctx: only(4096),`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "for-ever-is-not-at-all",
    rule: "W8",
    breaks: "a model that is wanted for ever is gone at once",
    file: KEEP_ALIVE,
    find: `ms < 0 ? FOR_EVER_MS`,
    replace: `ms < 0 ? 0`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "loaded-by-nobody",
    rule: "OD1",
    breaks: "load is said of a model that cannot be loaded",
    file: LOADING,
    find: `for await (const part of heard) if (part.type === "ended") return;`,
    replace: `void heard;`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "unloads-every-model",
    rule: "OD2",
    breaks: "whoever unloads one model unloads all",
    file: LOADING,
    find: ` && idOf(held, known) === idOf(model, known)`,
    replace: ` && idOf(held, known) !== ""`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "name-of-two-models",
    rule: "ON1",
    breaks: "of two models of a kind a client means both, whichever it names",
    file: NAMES,
    find: `modelsMeant(short, all).length === 1 ? short : id`,
    replace: `quant !== "" ? short : id`,
    killers: [OLLAMA_NAMES],
  },
  {
    name: "first-of-several-taken",
    rule: "ON2",
    breaks: "whoever deletes a repository of several models loses one that it did not name",
    file: NAMES,
    find: `if (first === undefined || more.length === 0) return first;`,
    replace: `if (more.length >= 0) return first;`,
    killers: [OLLAMA_MODELS],
  },
  {
    name: "tag-cut-off-a-place",
    rule: "ON3",
    breaks: "a model of another service is asked for by another name",
    file: NAMES,
    find: `if (SAYS_WHERE.test(name)) return name;`,
    replace: ``,
    killers: [OLLAMA_NAMES],
  },
  {
    name: "digest-of-the-name-alone",
    rule: "OF1",
    breaks: "a client keeps what it knew of a model that is another one now",
    file: FACTS,
    find: `[id, bytes, addedAtMs]`,
    replace: `[id]`,
    killers: [OLLAMA_MODELS],
  },
  {
    name: "model-in-memory-that-loads",
    rule: "OG1",
    breaks: "a model is told to be in memory while it is loaded, or goes",
    file: TAGS,
    find: `state === "idle" || state === "busy"`,
    replace: `state !== "stopped"`,
    killers: [OLLAMA_MODELS],
  },
  {
    name: "raw-prompt-in-a-template",
    rule: "OL1",
    breaks: "a prompt that is written for a model's own template is put into another one",
    file: SCHEMA,
    find: `raw: only(false),`,
    replace: `raw: z.boolean().nullish(),`,
    killers: [OLLAMA_TEXT],
  },
  {
    name: "nobody-there",
    rule: "OR1",
    breaks: "a client that asks whether somebody is there thinks that nobody is",
    file: ROUTES,
    find: `(["GET", "HEAD"] as const)`,
    replace: `(["GET"] as const)`,
    killers: [OLLAMA_MODELS],
  },
  {
    name: "pull-followed-for-nobody",
    rule: "OP2",
    breaks: "a client that has gone is told of its download for ever",
    file: PULL,
    find: `seat.follow(await begun(seat, name, peer?.name), signal, peer?.name)`,
    replace: `seat.follow(await begun(seat, name, peer?.name), new AbortController().signal, peer?.name)`,
    killers: [OLLAMA_MODELS],
  },
  {
    name: "success-before-the-download",
    rule: "OP1",
    breaks: "success is said of a model that is still on its way, or never comes",
    file: PULL,
    find: `  for await (const _ of progress);`,
    replace: ``,
    killers: [OLLAMA_MODELS],
  },
];
