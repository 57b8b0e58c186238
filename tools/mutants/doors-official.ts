/**
 * Mutants of what dialects answer, which only somebody notices who holds it against what their clients declare.
 *
 * @module
 */
import { OFFICIAL, OFFICIAL_JOBS, OPENAI_ROUTES, SERVE_EVENTS } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const RESPONSE = "src/doors/openai/response-events.ts";

export const officialShapes: readonly Mutant[] = [
  {
    name: "field-of-our-own",
    rule: "SH1",
    breaks: "a strict client refuses every chat for a field that it does not know",
    file: "src/doors/openai/text.ts",
    find: `    model: asked.model,
  };`,
    replace: `    model: asked.model,
    worker: "w1",
  };`,
    killers: [OFFICIAL_JOBS, OFFICIAL],
  },
  {
    name: "usage-of-no-object",
    rule: "SH1",
    breaks: "a stream of a completion says null where its clients read figures",
    file: "src/doors/openai/completion.ts",
    find: `noUsage: {}`,
    replace: `noUsage: { usage: null }`,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "tool-without-its-strictness",
    rule: "SH1",
    breaks: "a response tells its tools again without a field that its clients need",
    file: "src/doors/openai/responses-tools.ts",
    find: `  parameters,
  strict,
});`,
    replace: `  parameters,
});`,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "break-that-is-an-end",
    rule: "OE3",
    breaks: "a response that broke is told as one that was cut on request",
    file: RESPONSE,
    find: `this.#tell("response.failed",`,
    replace: `this.#tell("response.incomplete",`,
    killers: [OPENAI_ROUTES],
  },
  {
    name: "break-without-its-error",
    rule: "OE3",
    breaks: "nobody learns by its code why a response broke",
    file: RESPONSE,
    find: `this.#tell("error", { code, message, param });`,
    replace: ``,
    killers: [OPENAI_ROUTES, OFFICIAL_JOBS],
  },
  {
    name: "break-in-another-form",
    rule: "E3",
    breaks: "a stream that breaks says so in a form that its clients have no name for",
    file: "src/net/serve.ts",
    find: `answer.broken?.(error) ?? `,
    replace: ``,
    killers: [SERVE_EVENTS],
  },
  {
    name: "refusal-of-no-request",
    rule: "SH1",
    breaks: "an error of the Anthropic dialect does not say of which request it is",
    file: "src/doors/anthropic/refusal.ts",
    find: `error, request_id: requestId }`,
    replace: `error }`,
    killers: [OFFICIAL, OFFICIAL_JOBS],
  },
  {
    name: "usage-half-told",
    rule: "SH1",
    breaks: "a message leaves out what its clients look for in its usage",
    file: "src/doors/anthropic/answer.ts",
    find: `  service_tier: null,
`,
    replace: ``,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "code-beside-the-error",
    rule: "SH1",
    breaks: "an error of the Ollama dialect holds what its clients do not know",
    file: "src/doors/ollama/refusal.ts",
    find: "(${code})`,",
    replace: "(${code})`, code,",
    killers: [OFFICIAL],
  },
  {
    name: "paths-told-to-everybody",
    rule: "MD3",
    breaks: "a client of the OpenAI dialect is told where on the disk a model lies",
    file: "src/doors/models.ts",
    find: `  data: [...models, TEAM].map(({ id, addedAtMs }) => ({
`,
    replace: `  data: [...models, TEAM].map(({ id, addedAtMs, path }) => ({
    path,
`,
    killers: [OFFICIAL],
  },
];
