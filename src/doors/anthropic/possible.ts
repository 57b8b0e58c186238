/**
 * Fields of which one value is possible here: it is taken, and any other is refused by the name of the field.
 *
 * @module
 */
import { z } from "zod";

/** Taken only at the value that changes nothing. */
export const only = <Value extends number | string | boolean>(value: Value) =>
  z.literal(value, { error: `only ${value} is possible here` }).nullish();

export const none = (what: string) => z.array(z.never({ error: `${what} are not possible here` })).nullish();

export const nothing = (what: string) => z.null({ error: `${what} is not possible here` }).optional();

/** What is kept for the next request makes that one quicker, and no answer another. */
export const cacheControl = z.object({ type: z.literal("ephemeral") }).nullish();
