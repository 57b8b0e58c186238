/**
 * The schemas by which the doors parse, as JSON Schema.
 *
 * What stands for nothing in TypeScript is absent in JSON, and so is never right when it is there. A schema that is
 * taken in steps, so that what is wrong in it is named, is told by what it takes as a whole.
 *
 * @module
 */
import { z } from "zod";

export type Json = Readonly<Record<string, unknown>>;

const wholes = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** @returns the schema itself, which is told as the other from now on: it has to take the same */
export function toldAs<Schema extends z.ZodType>(schema: Schema, whole: z.ZodType): Schema {
  wholes.set(schema, whole);
  return schema;
}

export function jsonSchemaOf(schema: z.core.$ZodType): Json {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    // What is sent, before a default or a transformation; an answer may hold more than is told of it.
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "undefined") jsonSchema.not = {};
      const whole = wholes.get(zodSchema);
      if (whole === undefined) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, jsonSchemaOf(whole));
    },
  });
  return made;
}
