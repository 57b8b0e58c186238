/**
 * What two machines say to each other before anything else, and as the last thing: short JSON in text messages.
 *
 * Owns: the shape of a hello, of the two verdicts on it, and of a goodbye. Does not own: what makes a hello acceptable
 * (hello.ts), or anything that is said between (messages.ts).
 *
 *  W1 Whatever arrives is a word of these or `undefined`: nothing a stranger sends throws, and none is long.
 *  W2 A field that a later version added is passed over, so that two versions can find out which they have in common.
 *
 * @module
 */
import { z } from "zod";
import type { ErrorData } from "../../protocol/errors.ts";

export const WORD_CHARS_MAX = 4096;
const MESSAGE_CHARS_MAX = 1000;

export const ROLES = ["queen", "hive", "store"] as const;
export type Role = (typeof ROLES)[number];

const name = z.string().regex(/^[\w.-]{1,64}$/);
const count = z.int().nonnegative();

const helloSchema = z.object({
  word: z.literal("hello"),
  versions: z.object({ min: count, max: count }),
  cluster: name,
  node: name,
  /** Rises with each start of the node. */
  life: count,
  /** Differs for each start, also of a copy. */
  instance: name,
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
  messageBytesMax: z.int().positive(),
});

const errorSchema = z.object({
  code: z.string().max(40),
  message: z.string().max(MESSAGE_CHARS_MAX),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

const wordSchema = z.discriminatedUnion("word", [
  helloSchema,
  z.object({ word: z.literal("welcome") }),
  z.object({ word: z.literal("refused"), error: errorSchema }),
  z.object({ word: z.literal("goodbye"), error: errorSchema }),
]);

export type Hello = Readonly<z.infer<typeof helloSchema>>;
export type Word =
  | Hello
  | { readonly word: "welcome" }
  | { readonly word: "refused" | "goodbye"; readonly error: ErrorData };
type Heard = z.infer<typeof wordSchema>;

export function say(word: Word): string {
  if (!("error" in word)) return JSON.stringify(word);
  const message = word.error.message.slice(0, MESSAGE_CHARS_MAX);
  return JSON.stringify({ ...word, error: { ...word.error, message } });
}

/** W1. What the other side calls an error is text until errors.ts knows its code. */
export function hear(text: string): Heard | undefined {
  if (text.length > WORD_CHARS_MAX) return undefined;
  try {
    return wordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
