/**
 * The schema that a server is asked to hold a text to.
 *
 *  SC1 Every property is required, and no other is allowed unless the schema says so, as OpenAI's strict mode wants it
 *      said: a server may leave out what it need not say. Values that look like schemas are left alone.
 *
 * @module
 */
type Schema = Readonly<Record<string, unknown>>;

/** @param schema of those that `checkSchema` lets through */
export function strictSchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const parts = {
    ...each(schema, "properties"),
    ...each(schema, "$defs"),
    ...each(schema, "definitions"),
    ...list(schema, "oneOf"),
    ...list(schema, "anyOf"),
    ...list(schema, "allOf"),
    ...list(schema, "prefixItems"),
    ...one(schema, "items"),
    ...one(schema, "additionalProperties"),
  };
  if (schema["type"] !== "object") return { ...schema, ...parts };
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  return { additionalProperties: false, properties, ...schema, ...parts, required: Object.keys(properties) };
}

function each(schema: Schema, key: string): Schema {
  const parts = schema[key];
  if (!isRecord(parts)) return {};
  return { [key]: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, strictSchema(part)])) };
}

function list(schema: Schema, key: string): Schema {
  const parts = schema[key];
  return Array.isArray(parts) ? { [key]: parts.map(strictSchema) } : {};
}

const one = (schema: Schema, key: string): Schema =>
  isRecord(schema[key]) ? { [key]: strictSchema(schema[key]) } : {};

const isRecord = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
