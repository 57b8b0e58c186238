/**
 * How whoever asks says that it asks again: by a word of its own, in one header at every door.
 *
 * Owns: the header and its bound. Does not own: what was begun under a word (the queen's jobs, the team's discussions).
 *
 * @module
 */
import { z } from "zod";
import { parseWith } from "../protocol/parse.ts";
import type { Call } from "../protocol/route.ts";

/** As long as the word that a task may have in its body. */
export const againHeaders = z.object({ "idempotency-key": z.string().min(1).max(255).optional() });

/** @throws RbeeError request.invalid */
export const wordOf = ({ headers }: Pick<Call, "headers">): string | undefined =>
  parseWith(againHeaders, headers)["idempotency-key"];
