/**
 * Mutants of the document of the API.
 *
 * @module
 */
import { OFFICIAL_JOBS, OPENAPI } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const PART = "src/doors/openapi.ts";
const SCHEMAS = "src/doors/json-schema.ts";

export const openapi: readonly Mutant[] = [
  {
    name: "document-without-itself",
    rule: "OD1",
    breaks: "a route is served that the document does not tell of",
    file: PART,
    find: `documentOf(all)`,
    replace: `documentOf(routes)`,
    killers: [OPENAPI],
  },
  {
    name: "methods-of-a-path-lost",
    rule: "OD1",
    breaks: "of two methods of a path the document tells one",
    file: PART,
    find: `(paths[templateOf(route.path)] ??= {})`,
    replace: `(paths[templateOf(route.path)] = {})`,
    killers: [OPENAPI],
  },
  {
    name: "headers-untold",
    rule: "OD2",
    breaks: "nobody can see in the document that a request may be sent again",
    file: PART,
    find: `...parametersOf("header", doc?.headers),`,
    replace: ``,
    killers: [OPENAPI],
  },
  {
    name: "refused-field-told-as-anything",
    rule: "OD2",
    breaks: "the document allows a field that the parser refuses",
    file: SCHEMAS,
    find: `jsonSchema.not = {}`,
    replace: `jsonSchema.description = ""`,
    killers: [OPENAPI],
  },
  {
    name: "blocks-told-as-anything",
    rule: "OD2",
    breaks: "the document says of a list of blocks only that it is a list",
    file: SCHEMAS,
    find: `  wholes.set(schema, whole);
`,
    replace: ``,
    killers: [OPENAPI],
  },
  {
    name: "answer-half-told",
    rule: "OD3",
    breaks: "a chat holds a field that the document does not tell of",
    file: "src/doors/openai/answer-schema.ts",
    find: `        refusal: z.null(),
`,
    replace: ``,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "event-told-by-nobody",
    rule: "OD3",
    breaks: "the document leaves out how a response fails",
    file: "src/doors/openai/responses-answer-schema.ts",
    find: `  event("response.failed", { response }),
`,
    replace: ``,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "lines-told-as-events",
    rule: "OD3",
    breaks: "a client that is made of the document reads lines of JSON as server-sent events",
    file: PART,
    find: `media: "application/x-ndjson",`,
    replace: `media: "text/event-stream",`,
    killers: [OFFICIAL_JOBS],
  },
  {
    name: "schema-beside-the-one-that-parses",
    rule: "OD2",
    breaks: "the document tells another schema than the one that parses",
    file: "src/doors/rbee.ts",
    find: `doc: { summary: "Start a worker for a model.", body: spawnRequest,`,
    replace: `doc: { summary: "Start a worker for a model.", body: stopRequest,`,
    killers: [OPENAPI],
  },
];
