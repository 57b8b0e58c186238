/**
 * What the answers of each dialect have to be, by the types that the official clients declare for them.
 *
 * Owns: which answer is of which type, and where a type does not tell what its service sends. Each such place is named
 * with its reason; everything else holds to the letter (declarations.ts, DC1).
 *
 * @module
 */
import { join, resolve } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Declarations, type JsonSchema } from "./declarations.ts";

/** Where a type says something else than its service. */
interface Exception {
  /** A type of the same file, `Outer.Inner` for one of a namespace. */
  readonly of: string;
  readonly because: string;
  readonly without?: readonly string[];
  readonly optional?: readonly string[];
  readonly also?: Readonly<Record<string, JsonSchema>>;
}

interface Contract {
  readonly file: string;
  readonly type: string;
  readonly exceptions?: readonly Exception[];
  /** The type is what stands in there, behind this name. */
  readonly inside?: (schema: JsonSchema) => JsonSchema;
}

const PACKAGES = resolve(import.meta.dirname, "../../../node_modules");
const OPENAI = "openai/resources";
const ANTHROPIC = "@anthropic-ai/sdk/resources";
const OLLAMA = "ollama/dist/browser.d.ts";

const inList = (items: JsonSchema): JsonSchema => strict({ object: { const: "list" }, data: { type: "array", items } });
const strict = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const SDK_ONLY: Exception = {
  of: "Response",
  because: "the client puts it there itself",
  without: ["output_text"],
};

const FIGURES = [
  "total_duration",
  "load_duration",
  "prompt_eval_count",
  "prompt_eval_duration",
  "eval_count",
  "eval_duration",
];
const KINDS = "InvalidRequest Authentication Billing Permission NotFound RateLimit GatewayTimeout API Overloaded";
const DETAILED: readonly Exception[] = KINDS.split(" ").map((kind) => ({
  of: `${kind}ErrorObject`,
  because: "the client reads a code of the cause there, also one that it does not know (core/error.d.ts, errorCode)",
  also: { details: { type: "object", properties: { error_code: { type: "string" } }, required: ["error_code"] } },
}));
const MORE_KINDS: Exception = {
  of: "InvalidRequestErrorObject",
  because: "the service names two more, which say what is invalid about the request",
  also: { type: { enum: ["invalid_request_error", "conflict_error", "request_too_large"] } },
};

const LAST_ONLY = "only the last line of a stream has it, and an answer to no words only how it was done";
const NO_CONTEXT: Exception = {
  of: "GenerateResponse",
  because: "the service has given it up, and its description leaves it out",
  optional: ["context"],
};
const lineOf = (of: string): Exception => ({ of, because: LAST_ONLY, optional: ["done_reason", ...FIGURES] });

const CONTRACTS = {
  "openai chat": { file: `${OPENAI}/chat/completions/completions.d.ts`, type: "ChatCompletion" },
  "openai chat chunk": { file: `${OPENAI}/chat/completions/completions.d.ts`, type: "ChatCompletionChunk" },
  "openai completion": { file: `${OPENAI}/completions.d.ts`, type: "Completion" },
  "openai completion chunk": {
    file: `${OPENAI}/completions.d.ts`,
    type: "Completion",
    exceptions: [
      {
        of: "CompletionChoice",
        because: "the type is of the whole answer; before its end a stream has nothing to say here",
        also: { finish_reason: { enum: ["stop", "length", "content_filter", null] } },
      },
    ],
  },
  "openai embeddings": { file: `${OPENAI}/embeddings.d.ts`, type: "CreateEmbeddingResponse" },
  "openai embeddings base64": {
    file: `${OPENAI}/embeddings.d.ts`,
    type: "CreateEmbeddingResponse",
    exceptions: [
      {
        of: "Embedding",
        because: "the type is of what the client has decoded",
        also: { embedding: { type: "string", pattern: "^[A-Za-z0-9+/]+=*$" } },
      },
    ],
  },
  "openai model": { file: `${OPENAI}/models.d.ts`, type: "Model" },
  "openai models": { file: `${OPENAI}/models.d.ts`, type: "Model", inside: inList },
  "openai response": { file: `${OPENAI}/responses/responses.d.ts`, type: "Response", exceptions: [SDK_ONLY] },
  "openai response event": {
    file: `${OPENAI}/responses/responses.d.ts`,
    type: "ResponseStreamEvent",
    exceptions: [SDK_ONLY],
  },
  "openai error": { file: `${OPENAI}/shared.d.ts`, type: "ErrorObject", inside: (error) => strict({ error }) },
  "anthropic message": { file: `${ANTHROPIC}/messages/messages.d.ts`, type: "Message" },
  "anthropic event": { file: `${ANTHROPIC}/messages/messages.d.ts`, type: "RawMessageStreamEvent" },
  "anthropic count": { file: `${ANTHROPIC}/messages/messages.d.ts`, type: "MessageTokensCount" },
  "anthropic error": {
    file: `${ANTHROPIC}/shared.d.ts`,
    type: "ErrorResponse",
    exceptions: [...DETAILED, MORE_KINDS],
  },
  "ollama generate": { file: OLLAMA, type: "GenerateResponse", exceptions: [NO_CONTEXT] },
  "ollama chat": { file: OLLAMA, type: "ChatResponse" },
  "ollama generate line": {
    file: OLLAMA,
    type: "GenerateResponse",
    exceptions: [NO_CONTEXT, lineOf("GenerateResponse")],
  },
  "ollama chat line": {
    file: OLLAMA,
    type: "ChatResponse",
    exceptions: [lineOf("ChatResponse")],
  },
  "ollama embed": { file: OLLAMA, type: "EmbedResponse" },
  "ollama embeddings": { file: OLLAMA, type: "EmbeddingsResponse" },
  "ollama tags": {
    file: OLLAMA,
    type: "ListResponse",
    exceptions: [{ of: "ModelResponse", because: "of what is in memory", optional: ["expires_at", "size_vram"] }],
  },
  "ollama ps": {
    file: OLLAMA,
    type: "ListResponse",
    exceptions: [{ of: "ModelResponse", because: "of what is on the disk", without: ["modified_at"] }],
  },
  "ollama show": {
    file: OLLAMA,
    type: "ShowResponse",
    exceptions: [
      {
        of: "ShowResponse",
        because: "the service says none of them where there is nothing to say, and its description leaves them out",
        optional: ["modelfile", "system", "messages"],
      },
    ],
  },
  "ollama version": { file: OLLAMA, type: "VersionResponse" },
  "ollama pull": {
    file: OLLAMA,
    type: "ProgressResponse",
    exceptions: [{ of: "ProgressResponse", because: "of what is fetched", optional: ["digest", "total", "completed"] }],
  },
  "ollama status": { file: OLLAMA, type: "StatusResponse" },
  "ollama error": { file: OLLAMA, type: "ErrorResponse" },
} satisfies Record<string, Contract>;

export type ContractName = keyof typeof CONTRACTS;

const BREACHES_MAX = 12;

const ajv = new Ajv({ strict: false, allErrors: true, formats: { "date-time": isDate } });
const validators = new Map<string, ValidateFunction>();
const schemas = new Map<ContractName, JsonSchema>();

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text);
}

/** @returns what of the value is not as its type says, and the value; nothing when all of it is */
export function breachesOf(name: ContractName, value: unknown): readonly string[] {
  const schema = narrowed(schemaOf(name), value);
  const key = JSON.stringify([name, schema["$ref"]]);
  const validate = validators.get(key) ?? ajv.compile(schema);
  validators.set(key, validate);
  if (validate(value)) return [];
  const breaches = [...new Set((validate.errors ?? []).map(wordsOf))];
  return [...breaches.slice(0, BREACHES_MAX), JSON.stringify(value)];
}

export function schemaOf(name: ContractName): JsonSchema {
  const known = schemas.get(name);
  if (known !== undefined) return known;
  const { file, type, exceptions = [], inside }: Contract = CONTRACTS[name];
  const { $defs, ...named } = new Declarations().schemaOf(join(PACKAGES, file), type);
  const schema = { ...(inside?.(named) ?? named), $defs: excepting(definitionsIn($defs), exceptions) };
  schemas.set(name, schema);
  return schema;
}

type Definitions = Readonly<Record<string, JsonSchema>>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const definitionsIn = (defs: unknown): Definitions =>
  Object.fromEntries(
    Object.entries(isObject(defs) ? defs : {}).flatMap(([key, one]) => (isObject(one) ? [[key, one]] : [])),
  );

function excepting(definitions: Definitions, exceptions: readonly Exception[]): Definitions {
  const made = { ...definitions };
  for (const { of, because, without = [], optional = [], also = {} } of exceptions) {
    const key = Object.keys(made).find((one) => one.endsWith(`.d.ts_${of.replaceAll(".", "_")}`));
    const { properties, required } = (key && made[key]) || {};
    if (key === undefined || !isObject(properties) || !Array.isArray(required)) throw new Error(`${of}: ${because}`);
    const left = Object.entries({ ...properties, ...also }).filter(([field]) => !without.includes(field));
    made[key] = {
      ...made[key],
      properties: Object.fromEntries(left),
      required: required.filter((field) => ![...without, ...optional].includes(field)),
    };
  }
  return made;
}

/** Of several types that tell themselves apart by their `type`, the one that is meant: what is wrong is told of it. */
function narrowed(schema: JsonSchema, value: unknown): JsonSchema {
  const definitions = definitionsIn(schema["$defs"]);
  const at = (ref: unknown): JsonSchema => definitions[String(ref).replace("#/$defs/", "")] ?? {};
  const { anyOf } = at(schema["$ref"]);
  if (!Array.isArray(anyOf) || !isObject(value)) return schema;
  const meant: unknown = anyOf.find((one) => {
    const { properties } = at(isObject(one) ? one["$ref"] : undefined);
    const type = isObject(properties) ? properties["type"] : undefined;
    return isObject(type) && type["const"] === value["type"];
  });
  return isObject(meant) ? narrowed({ ...schema, ...meant }, value) : schema;
}

function wordsOf({ instancePath, message, params }: ErrorObject): string {
  const what = Object.values(params).map((one) => (isObject(one) ? JSON.stringify(one) : String(one)));
  return `${instancePath} ${message} (${what.join(", ")})`;
}
