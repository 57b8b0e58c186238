/**
 * Every question in every way, through the doors that everybody uses.
 *
 *  EA1 The ways take turns on each question, so that whatever else the machine does is borne by all of them, and what
 *      there is when it is stopped can be compared.
 *  EA2 Each answer stands alone: nothing that was asked before is told to who answers it, nor what was learnt of that.
 *  EA3 Nothing of it stays among what was asked before: each is forgotten before the next is asked.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Mode } from "../../../machines/rules/log.ts";
import { errorData } from "../../protocol/errors.ts";
import type { Client } from "../client/client.ts";
import type { Following } from "../session/follow.ts";
import type { Session } from "../session/session.ts";
import { Hearing } from "../team/hearing.ts";
import type { Question } from "./questions.ts";
import { type Answered, isRight } from "./verdict.ts";

export interface Asking {
  readonly session: Session;
  readonly model: string | undefined;
  /** Aborted: no more is asked. */
  readonly stop: AbortSignal;
  on(asked: number): void;
}

const KEPT_WITHIN_MS = 2_000;
const POLL_MS = 50;

/** Returns what there is when it is stopped. */
export async function askAll(
  questions: readonly Question[],
  modes: readonly Mode[],
  asking: Asking,
): Promise<readonly (readonly Answered[])[]> {
  const rows: Answered[][] = [];
  try {
    for (const question of questions) {
      const row: Answered[] = [];
      rows.push(row);
      for (const mode of modes) {
        asking.on(rows.length);
        row.push(await answered(question, mode, asking));
      }
    }
  } catch (thrown) {
    if (!asking.stop.aborted) throw thrown;
  }
  return rows;
}

async function answered(
  { question, answer: expected }: Question,
  mode: Mode,
  { session, model, stop }: Asking,
): Promise<Answered> {
  const hearing = new Hearing();
  let begun: string | undefined;
  const following: Following = {
    stop,
    leave: stop,
    accepted: (accepted) => (begun = accepted.session),
    on: async (event) => hearing.hear(event),
  };
  const request = { request: question, mode, ...(model === undefined ? {} : { model }) };
  try {
    await session.discuss(request, following, () => {});
    return judged(hearing, mode, expected);
  } finally {
    if (begun !== undefined) await forgotten(begun, session);
  }
}

/** EV2 of verdict.ts. */
function judged(hearing: Hearing, mode: Mode, expected: string): Answered {
  const { standing } = hearing;
  const { tokens = 0, ms = 0, flips = 0 } = standing?.final?.worth ?? {};
  const answer = outcomeOf(hearing);
  const right = answer !== undefined && isRight(answer, expected);
  const wasThere = standing?.contributions.some(({ text }) => isRight(text, expected)) === true;
  return { mode, answer, isRight: right, isLost: !right && wasThere, flips, tokens, ms };
}

function outcomeOf(hearing: Hearing): string | undefined {
  try {
    return hearing.outcome();
  } catch (thrown) {
    // What went wrong with the program itself is no answer of the team's.
    if (errorData(thrown).code === "defect") throw thrown;
    return undefined;
  }
}

/** EA3. A log is kept a moment after its last word. What only its owner may remove stays. */
async function forgotten(id: string, session: Session): Promise<void> {
  const { client } = await session.attached();
  const giveUpMs = performance.now() + KEPT_WITHIN_MS;
  while (!(await isForgotten(client, id)) && performance.now() < giveUpMs) await pause(POLL_MS);
}

async function isForgotten(client: Client, session: string): Promise<boolean> {
  try {
    return await client.remove(session);
  } catch (thrown) {
    return errorData(thrown).code !== "request.not.found";
  }
}
