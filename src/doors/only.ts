/**
 * Fields of a dialect that can only say what happens anyway, as schemas.
 *
 * What the engine cannot do is refused by its name, never passed over; said at the value that changes nothing, it is
 * taken, since many clients send every field they know. So is a hint: it guides how an answer is made and promises
 * nothing of it, so that an answer made without it is one that was asked for.
 *
 * @module
 */
import { z } from "zod";

/** Taken only at the value that changes nothing. */
export const only = <Value extends number | string | boolean>(value: Value) =>
  z.literal(value, { error: `only ${value} is possible here` }).nullish();

/** Taken only as an empty list. */
export const none = (what: string) => z.array(z.never({ error: `${what} are not possible here` })).nullish();

/** Taken only as an empty text. */
export const unsaid = (what: string) => z.literal("", { error: `${what} is not possible here` }).nullish();

/** One word of how hard to try, or how quickly. */
export const hint = z.string().max(64).nullish();

/** Not taken at all. */
export const nothing = (what: string) => z.undefined({ error: `${what} is not possible here` }).optional();
