/**
 * Vectors of texts, made by whichever model is in memory and can.
 *
 * Owns: which model that is, and how long is waited for it. Does not own: what vectors are for (knowledge.ts).
 *
 *  VE1 No model is loaded for it: where none is in memory that can, there is no vector, and that is said.
 *  VE2 Nobody waits for it longer than a moment; what comes later is of use to the next question.
 *  VE3 A text is shown to a model under its own label, so that it stays where its label says (TS11).
 *
 * @module
 */
import type { Vector } from "../../../machines/rules/retrieve.ts";
import { BARE_REQUEST } from "../../../machines/queen.ts";
import type { Label } from "../../../machines/words.ts";
import { pieceOf } from "../../doors/pieces.ts";
import { vectorOf } from "../../doors/rbee.ts";
import type { RunSeat } from "../../doors/run.ts";
import { type ErrorCode, errorData, ERRORS, isErrorCode, RbeeError } from "../../protocol/errors.ts";

/** VE2. Of one text, in a line of other jobs. */
const EMBED_MS = 2_000;

export interface MeaningParts {
  readonly seat: Promise<RunSeat>;
  /** Models that are in memory somewhere. */
  readonly models: () => Promise<readonly string[]>;
}

export class Meaning {
  readonly #parts: MeaningParts;
  /** Models that were asked, and have no vectors to give. */
  readonly #unable = new Set<string>();
  #last: string | undefined;

  constructor(parts: MeaningParts) {
    this.#parts = parts;
  }

  /** VE1. The same as last time, as long as it is there: vectors of two models cannot be compared. */
  async model(): Promise<string | undefined> {
    const able = (await this.#parts.models()).filter((model) => !this.#unable.has(model));
    this.#last = this.#last !== undefined && able.includes(this.#last) ? this.#last : able.toSorted()[0];
    return this.#last;
  }

  /** @returns nothing where the model cannot, or not in time */
  async of(text: string, model: string, label: Label): Promise<Vector | undefined> {
    const seat = await this.#parts.seat;
    const inTime = AbortSignal.timeout(EMBED_MS);
    const request = { ...BARE_REQUEST, capability: "embedding", model, input: [text], label } as const;
    try {
      const { job } = await seat.submit({ ...request, deadlineMs: EMBED_MS, isAwaited: true }, undefined);
      return await vectorIn(seat, job, model, inTime);
    } catch (thrown) {
      if (!inTime.aborted && isOfTheModel(errorData(thrown).code)) this.#unable.add(model);
      return undefined;
    }
  }
}

/** Late, in a line that is too long, or over a text that is, nothing is said about what the model can. */
const OF_THE_REQUEST: readonly ErrorCode[] = ["context.overflow", "job.deadline", "deadline.unmeetable"];
const isOfTheModel = (code: ErrorCode): boolean => ERRORS[code].class === "terminal" && !OF_THE_REQUEST.includes(code);

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
