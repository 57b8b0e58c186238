/**
 * What a node answers, held against the document of its own API, made strict: what is sent is told there.
 *
 * @see src/doors/openapi.ts, OD3
 * @module
 */
import { Ajv, type ValidateFunction } from "ajv";
import { documentOf } from "../../../src/doors/openapi.ts";
import { nodeRoutes } from "../node-routes.ts";

const ajv = new Ajv({ strict: false, allErrors: true });
const validators = new Map<string, ValidateFunction>();
const document = documentOf(nodeRoutes());

export type Told = "application/json" | "text/event-stream" | "application/x-ndjson";

/**
 * @param route as the routes have it, `GET /v2/tasks/:id`
 * @param status of what was answered, or `default` of a refusal
 * @returns what of the value is not told, and the value; nothing when all of it is
 */
export function untoldIn(route: string, status: number | "default", media: Told, value: unknown): readonly string[] {
  const [method = "", path = ""] = route.split(" ");
  const operation = [path.replaceAll(/:(\w+)/g, "{$1}"), method.toLowerCase()];
  const place = ["paths", ...operation, "responses", String(status), "content", media, "schema"];
  const schema = place.reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), document);
  if (!isObject(schema)) return [`${route} tells nothing of ${status} in ${media}`];
  const key = place.join("#");
  const validate =
    validators.get(key) ?? ajv.compile({ ...strictly(schema), components: strictly(document["components"]) });
  validators.set(key, validate);
  if (validate(value)) return [];
  const breaches = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message} ${JSON.stringify(params)}`;
  });
  return [...breaches.slice(0, 12), JSON.stringify(value)];
}

/** An event as it is told: its name, where it has one, is its type. */
export const namedIn = (event: string | undefined, data: unknown): unknown =>
  event !== undefined && isObject(data) ? { type: event, ...data } : data;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** An answer may hold more than is told of it; here it may not. */
function strictly(schema: unknown): Record<string, unknown> {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside);
    return isObject(value) ? strictly(value) : value;
  };
  const made = isObject(schema)
    ? Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, inside(one)]))
    : {};
  const isClosed = made["type"] === "object" && isObject(made["properties"]) && !("additionalProperties" in made);
  return isClosed ? { ...made, additionalProperties: false } : made;
}
