/**
 * What the simulated engine writes: words, and JSON that a schema allows.
 *
 * @module
 */
import { type Chance, seeded } from "../../tools/starter/seeded.ts";

const WORDS = "the queen sends a job to her hive and its worker löst sie 🐝 while people wait for words".split(" ");
const WORDS_MIN = 20;
const WORDS_MAX = 800;

type Schema = Readonly<Record<string, unknown>>;

export function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}

/** Texts are told again and again: to attempts, to readers, to whoever checks them. */
const texts = new Map<number, readonly string[]>();
const TEXTS_MAX = 1000;

/** The text that a hash stands for. */
export function wordsOf(hash: number): readonly string[] {
  const known = texts.get(hash);
  if (known !== undefined) return known;
  const chance = seeded(hash);
  const made = Array.from({ length: chance.integer(WORDS_MIN, WORDS_MAX) }, () => `${chance.pick(WORDS)} `);
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(hash, made);
  return made;
}

/** @param schema has been checked by src/actors/engines/grammar/json-schema.ts */
export function jsonFor(schema: Schema, chance: Chance): unknown {
  const choices = schema["enum"] ?? (schema["const"] === undefined ? undefined : [schema["const"]]);
  if (Array.isArray(choices)) return chance.pick<unknown>(choices);
  if (Array.isArray(schema["oneOf"])) return jsonFor(chance.pick<Schema>(schema["oneOf"]), chance);
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object": {
      const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
      return Object.fromEntries(properties.map(([name, part]) => [name, jsonFor(part, chance)]));
    }
    case "array": {
      const least = Number(schema["minItems"] ?? 0);
      const length = Math.min(Number(schema["maxItems"] ?? least + 2), chance.integer(least, least + 2));
      return Array.from({ length }, () => jsonFor((schema["items"] ?? { type: "null" }) as Schema, chance));
    }
    case "string":
      return "abcdefgh".repeat(50).slice(0, Math.max(Number(schema["minLength"] ?? 0), chance.integer(0, 6)));
    case "boolean":
      return chance.pick([true, false]);
    case "number":
    case "integer":
      return chance.integer(0, 100);
    default:
      return null;
  }
}
