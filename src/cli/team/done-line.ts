/**
 * The last line of `rbee ask --json`: the answer, and what it took.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Hearing } from "./hearing.ts";

/** @param beganAt of this process's own clock @throws what kept it from an answer */
export function doneLine(hearing: Hearing, session: string, beganAt: number): object {
  const text = hearing.outcome();
  const { standing, firstWordsAt } = hearing;
  if (standing?.final === undefined) throw new RbeeError("defect", "a discussion ended without an end");
  const { worth, minority } = standing.final;
  const { promptTokens, completionTokens } = hearing.usage;
  return {
    type: "done",
    session,
    text,
    mode: standing.opened.mode,
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens },
    timings: {
      ...(firstWordsAt === undefined ? {} : { first_token_ms: Math.round(firstWordsAt - beganAt) }),
      total_ms: Math.round(performance.now() - beganAt),
    },
    worth,
    ...(minority.length > 0 && { minority }),
    ...(standing.reason !== undefined && { reason: standing.reason }),
  };
}
