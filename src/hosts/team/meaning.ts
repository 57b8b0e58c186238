/**
 * Vectors of texts, made by whichever model is in memory and can.
 *
 * Owns: which model that is, and how long is waited for it. Does not own: what vectors are for (knowledge.ts).
 *
 *  VE1 No model is loaded for it: where none is in memory that can, there is no vector, and that is said.
 *  VE2 Nobody waits for it longer than a moment; what comes later is of use to the next question.
 *  VE3 A text is shown to a model under its own label, so that it stays where its label says (TS11).
 *  VE4 A model that was late or failed is left in peace for a while, so that not every question waits for it.
 *
 * @module
 */
import type { Vector } from "../../../machines/rules/retrieve.ts";
import { BARE_REQUEST } from "../../../machines/request.ts";
import type { Label } from "../../../machines/words.ts";
import { pieceOf } from "../../doors/pieces.ts";
import { vectorOf } from "../../doors/rbee.ts";
import type { RunSeat } from "../../doors/run.ts";
import { type ErrorCode, errorData, ERRORS, isErrorCode, RbeeError } from "../../protocol/errors.ts";

/** VE2. Of one text, in a line of other jobs. */
const EMBED_MS = 2_000;
/** VE4. */
export const REST_MS = 30_000;
/** Of a model that has no vectors to give. */
const FOR_EVER_MS = Infinity;

export interface MeaningParts {
  readonly seat: Promise<RunSeat>;
  /** Models that are in memory somewhere. */
  readonly models: () => Promise<readonly string[]>;
  readonly nowMs: () => number;
}

export class Meaning {
  readonly #parts: MeaningParts;
  /** Until when each is not asked. */
  readonly #restsUntilMs = new Map<string, number>();
  #last: string | undefined;

  constructor(parts: MeaningParts) {
    this.#parts = parts;
  }

  /** VE1. The same as last time, as long as it is there: vectors of two models cannot be compared. */
  async model(): Promise<string | undefined> {
    const able = (await this.#parts.models()).filter((model) => this.#restsUntilMs.get(model) !== FOR_EVER_MS);
    this.#last = this.#last !== undefined && able.includes(this.#last) ? this.#last : able.toSorted()[0];
    return this.#last === undefined || this.#rests(this.#last) ? undefined : this.#last;
  }

  /** @returns nothing where the model cannot, or not in time */
  async of(text: string, model: string, label: Label): Promise<Vector | undefined> {
    if (this.#rests(model)) return undefined;
    const seat = await this.#parts.seat;
    const inTime = AbortSignal.timeout(EMBED_MS);
    const request = { ...BARE_REQUEST, capability: "embedding", model, input: [text], label } as const;
    try {
      const { job } = await seat.submit({ ...request, deadlineMs: EMBED_MS, isAwaited: true }, undefined);
      const vector = await vectorIn(seat, job, model, inTime);
      if (vector === undefined) this.#rest(model, REST_MS);
      return vector;
    } catch (thrown) {
      this.#rest(model, inTime.aborted ? REST_MS : restMsAfter(errorData(thrown).code));
      return undefined;
    }
  }

  /** VE4. Of several asks at once the longest rest holds, whichever ends last. */
  #rest(model: string, ms: number): void {
    const untilMs = this.#parts.nowMs() + ms;
    this.#restsUntilMs.set(model, Math.max(untilMs, this.#restsUntilMs.get(model) ?? untilMs));
  }

  #rests(model: string): boolean {
    return this.#parts.nowMs() < (this.#restsUntilMs.get(model) ?? 0);
  }
}

/** Late, nothing is said about what the model can; over a text that is too long, nothing about the next one either. */
const LATE: readonly ErrorCode[] = ["job.deadline", "deadline.unmeetable"];
function restMsAfter(code: ErrorCode): number {
  if (code === "context.overflow") return 0;
  return ERRORS[code].class === "terminal" && !LATE.includes(code) ? FOR_EVER_MS : REST_MS;
}

async function vectorIn(seat: RunSeat, job: string, model: string, signal: AbortSignal): Promise<Vector | undefined> {
  let isOver = false;
  let vector: Vector | undefined;
  try {
    for await (const item of seat.read(job, 0, signal)) {
      if (item.type === "chunk") {
        const piece = pieceOf(item.chunk);
        if (piece.type === "vector") vector = { model, values: vectorOf(piece.bytes) };
      }
      if (item.type !== "end") continue;
      isOver = true;
      if (item.end.type === "done") return vector;
      const { code, message } = item.end.failure;
      throw new RbeeError(isErrorCode(code) ? code : "defect", message);
    }
    return undefined;
  } finally {
    if (!isOver) await seat.cancel(job);
  }
}
