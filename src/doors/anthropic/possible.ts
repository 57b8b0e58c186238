/**
 * Fields that only this dialect says so; those that every dialect has are in ../only.ts.
 *
 * @module
 */
import { z } from "zod";

/** Not taken at all; clients of this dialect say null where they say nothing. */
export const nothing = (what: string) => z.null({ error: `${what} is not possible here` }).optional();

/** What is kept for the next request makes that one quicker, and no answer another. */
export const cacheControl = z.object({ type: z.literal("ephemeral") }).nullish();
