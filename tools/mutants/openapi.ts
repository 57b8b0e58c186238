/**
 * Mutants of the document of the API.
 *
 * @module
 */
import { OPENAPI } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

const PART = "src/doors/openapi.ts";

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
    name: "refused-field-told-as-anything",
    rule: "OD2",
    breaks: "the document allows a field that the parser refuses",
    file: PART,
    find: `jsonSchema.not = {}`,
    replace: `jsonSchema.description = ""`,
    killers: [OPENAPI],
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
