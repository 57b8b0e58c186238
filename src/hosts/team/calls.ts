/**
 * The `calls` port: a thinker's step as one job of the queen's, on whichever machine she places it.
 *
 * Owns: how many think at once, what a job has said so far. Does not own: jobs, or what their words mean.
 *
 *  CP1 No more jobs of the team run at once than were allowed; the others wait in line, whosever they are (Q10, TL9).
 *  CP2 Nobody waits for it: the job is cancelled, and does not run on (TS17).
 *  CP3 Cut, it gives the words for people that were said by then; half of a form is nobody's words. It gives them once
 *      the queen has noted that its job is cancelled, so that a crash behind it begins no work again (TS17).
 *  CP4 A job that fails is a failure with its code, never words.
 *  CP5 What runs is not begun again by a thinker that lost its memory: whoever asked last has its answer.
 *  CP6 A queen that starts again is waited for: asked twice under one name it is one job.
 *  CP7 What is billed is priced by what was really said (B4).
 *  CP8 A call that is cut, fails, or is not over when its time is, tells what came of it: the least that it took (US2).
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Called, CallsAsk } from "../../actors/team/assignment.ts";
import {
  NO_USAGE,
  plus,
  type Price,
  priced,
  tokensOfUsage,
  UNTOLD,
  type Usage,
} from "../../../machines/rules/usage.ts";
import type { SpecialistEvent } from "../../../machines/specialist.ts";
import { pieceOf } from "../../doors/pieces.ts";
import type { RunSeat } from "../../doors/run.ts";
import { errorData, isErrorCode, RbeeError } from "../../protocol/errors.ts";
import type { StreamEnd } from "../../protocol/ports.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import type { Port, PortCall } from "../../runtime/ports.ts";
import { event } from "../../runtime/reading.ts";
import { patiently } from "../porter/patience.ts";
import type { Audience } from "./audience.ts";

const toThinker = event<SpecialistEvent>();

/** CP3. A queen who is away for longer hears of it when she is back. */
const NOTED_MS = 1_000;

type Call = Extract<CallsAsk, { type: "call" }>;

interface Running {
  readonly over: AbortController;
  readonly isHeard: boolean;
  readonly price: Price | undefined;
  text: string;
  /** CP8. Nothing before it was asked for. */
  came: Usage;
  /** Its job is over, or known to be cancelled. */
  ended: Promise<unknown>;
  /** Whoever asked last, by the id of the ask. */
  asker: { readonly id: string; readonly answer: (result: AskResult) => void };
}

export interface CallsParts {
  /** The queen's, once she can be asked. */
  readonly seat: Promise<RunSeat>;
  readonly audience: Audience;
  readonly concurrentMax: number;
  /** Of a model by its name, or of the one that whoever names none is given; nothing where nobody bills its work. */
  readonly priceOf: (model: string | undefined) => Price | undefined;
}

const toldToStop = (): RbeeError => new RbeeError("interrupted", "it was told to stop");

export class Calls implements Port {
  readonly #seat: Promise<RunSeat>;
  readonly #audience: Audience;
  readonly #concurrentMax: number;
  readonly #priceOf: CallsParts["priceOf"];
  /** By what the thinker calls it. */
  readonly #running = new Map<string, Running>();
  /** Whoever is let through has the place of the one that ended. */
  readonly #line: (() => void)[] = [];
  #thinking = 0;

  constructor({ seat, audience, concurrentMax, priceOf }: CallsParts) {
    this.#seat = seat;
    this.#audience = audience;
    this.#concurrentMax = concurrentMax;
    this.#priceOf = priceOf;
  }

  ask({ id, event: asked }: PortCall, answer: (result: AskResult) => void): void {
    const made = asked as unknown as CallsAsk;
    const its = this.#running.get(made.key);
    if (made.type === "cut") {
      its?.over.abort(toldToStop());
      const noted = Promise.all([its?.ended, this.#cancelled(made)]);
      return void Promise.race([noted, pause(NOTED_MS, undefined, { ref: false })]).then(() => {
        const text = its?.isHeard === true ? its.text : "";
        const usage = its === undefined ? UNTOLD : cameOf(its);
        answer({ ok: true, event: toThinker({ type: "partial", text, usage }) });
      });
    }
    const asker = { id, answer };
    if (its !== undefined && !its.over.signal.aborted) {
      its.asker = asker;
      return;
    }
    const running: Running = {
      over: new AbortController(),
      isHeard: made.isHeard,
      price: this.#priceOf(made.request.model),
      text: "",
      came: NO_USAGE,
      ended: Promise.resolve(),
      asker,
    };
    this.#running.set(made.key, running);
    const timer = setTimeout(() => running.over.abort(new RbeeError("ask.deadline", "its time is up")), made.timeMs);
    running.ended = this.#run(made, running).then((result) => {
      clearTimeout(timer);
      if (this.#running.get(made.key) === running) this.#running.delete(made.key);
      running.asker.answer(result);
    });
  }

  drop(id: string): void {
    for (const { asker, over } of this.#running.values()) if (asker.id === id) over.abort(toldToStop());
  }

  /** Behind a crash the queen may have a job of that name which nobody here has asked for yet. */
  async #cancelled({ key, caller }: Extract<CallsAsk, { type: "cut" }>): Promise<void> {
    try {
      await (await this.#seat).cancel(key, caller);
    } catch {
      // She has not.
    }
  }

  async #run(made: Call, running: Running): Promise<AskResult> {
    const { signal } = running.over;
    try {
      await this.#mayThink(signal);
      try {
        const called: Called = await this.#said(made, running);
        return { ok: true, event: called };
      } finally {
        const next = this.#line.shift();
        if (next === undefined) this.#thinking -= 1;
        else next();
      }
    } catch (thrown) {
      return failed(running, signal.aborted ? signal.reason : thrown);
    }
  }

  /** CP1. @throws when nobody waits for it any more */
  async #mayThink(signal: AbortSignal): Promise<void> {
    if (this.#thinking < this.#concurrentMax) return void (this.#thinking += 1);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#line.push(resolve);
    const leave = (): void => {
      const place = this.#line.indexOf(resolve);
      if (place < 0) return;
      this.#line.splice(place, 1);
      reject(toldToStop());
    };
    signal.addEventListener("abort", leave);
    await promise.finally(() => signal.removeEventListener("abort", leave));
  }

  async #said({ request, caller, step, isHeard, ...its }: Call, running: Running): Promise<Called> {
    const { discussion, agent, turn } = its;
    const { signal } = running.over;
    const seat = await this.#seat;
    const { job } = await patiently(() => {
      signal.throwIfAborted();
      return seat.submit(request, caller);
    });
    running.came = UNTOLD;
    let end: StreamEnd | undefined;
    try {
      for await (const item of seat.read(job, 0, signal)) {
        if (item.type === "end") end = item.end;
        if (item.type !== "chunk") continue;
        const { promptTokens = 0, tokens: completionTokens } = item.chunk;
        running.came = plus(running.came, { promptTokens, completionTokens });
        const piece = pieceOf(item.chunk);
        if (piece.type !== "text") continue;
        const { length: offset } = running.text;
        running.text += piece.text;
        if (isHeard) this.#audience.words(discussion, { type: "token", agent, turn, offset, text: piece.text });
      }
    } finally {
      if (end === undefined) await seat.cancel(job);
    }
    if (end === undefined) throw new RbeeError("stream.lost", "The answer has no end.");
    if (end.type === "error") {
      const { code, message } = end.failure;
      throw new RbeeError(isErrorCode(code) ? code : "defect", message);
    }
    const { promptTokens, completionTokens } = end.usage;
    const source = { job, model: end.model, worker: end.worker };
    const usage = priced({ promptTokens, completionTokens }, this.#priceOf(end.model));
    return { type: "called", step, text: running.text, usage, source };
  }
}

const cameOf = ({ came, price }: Running): Usage => priced(came, price);

/** CP4, CP8. */
function failed(running: Running, thrown: unknown): AskResult {
  const error = errorData(thrown);
  const usage = cameOf(running);
  // Whoever has it stopped is not told by its answer.
  if (error.code === "interrupted" || tokensOfUsage(usage) === 0) return { ok: false, error };
  const { code, message } = error;
  const broke: Message = toThinker({ type: "broke", code, message, usage });
  return { ok: true, event: broke };
}
