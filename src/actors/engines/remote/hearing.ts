/**
 * What is heard of one answer: told on in whole characters, counted, and held to what was asked.
 *
 * RE4 to RE6 of engine.ts are kept here; how calls are put together is calls.ts.
 *
 *  HE1 An answer is a text, and calls behind it: what comes behind them is not told. Where something had to be called
 *      no text is, and an answer without a call is a failure.
 *  HE2 The end of an answer with calls is "tool_calls" whatever the server says of it, unless it was cut.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";
import type { GenerateEnd, GenerateRequest, Hear } from "../engine.ts";
import { StopReader } from "../stop-reader.ts";
import { HeardCalls, type Part } from "./calls.ts";
import type { Piece } from "./dialect.ts";

/** No tokenizer makes longer ones throughout a text. */
const CHARS_PER_TOKEN_MAX = 64;
/** A single one may be. */
const CHARS_SPARE = 1024;
const FIRST_HALF = /[\uD800-\uDBFF]$/;

type Ended = Extract<Piece, { type: "ended" }>;

export class Hearing {
  readonly #name: string;
  readonly #request: GenerateRequest;
  readonly #hear: Hear;
  readonly #stops: StopReader;
  readonly #calls: HeardCalls;
  /** Something has to be called. */
  readonly #isForced: boolean;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #charsMax: number;
  #firstTokenMs: number | undefined;
  /** What was said before and did not come again yet. */
  #toCome: string;
  /** The first half of a character whose second is on its way. */
  #half = "";
  #text: string;
  /** All that came, told or not. */
  #chars = 0;
  #tokens = 0;
  #tokensTold = 0;

  constructor(name: string, request: GenerateRequest, hear: Hear, now: () => number) {
    this.#name = name;
    this.#request = request;
    this.#hear = hear;
    this.#stops = new StopReader(request.stops ?? []);
    this.#now = now;
    this.#startedMs = now();
    this.#toCome = request.said;
    this.#text = request.said;
    this.#calls = new HeardCalls(name, request.tools, request.saidCalls);
    this.#isForced = request.tools !== undefined && request.tools.choice !== "auto";
    const said = JSON.stringify([request.said, request.saidCalls]).length;
    this.#charsMax = said + CHARS_SPARE + request.maxTokens * CHARS_PER_TOKEN_MAX;
  }

  /** @returns what is to be told of it, and of what was held back */
  heard(piece: Piece): readonly Part[] {
    switch (piece.type) {
      case "text":
        this.#count(piece.text.length);
        return this.#isForced || this.#calls.count > 0 ? [] : this.#heardText(piece.text);
      case "call":
        // An empty one takes room as well.
        this.#count(1 + (piece.name?.length ?? 0) + piece.arguments.length);
        this.#checkSaid();
        this.#tokens += 1;
        return [...this.#rest(), ...this.#calls.push(piece)];
      case "ended":
        return [...this.#rest(), ...this.#calls.end(piece.finish === "length")];
    }
  }

  /** @returns a promise while the reader wants no more */
  tell({ kind, text }: Part): void | Promise<void> {
    this.#firstTokenMs ??= this.#now() - this.#startedMs;
    const tokens = this.#tokens - this.#tokensTold;
    this.#tokensTold = this.#tokens;
    // How many the prompt has, a server says at its end.
    return this.#hear(text, tokens, kind, 0);
  }

  /** One of the stops is whole: whatever else the server would say is not wanted. */
  get isStopped(): boolean {
    return this.#stops.found !== undefined;
  }

  /** N9 of the port. */
  stop(): GenerateEnd {
    return this.#ended("stop", 0, this.#tokens);
  }

  end({ finish, usage }: Ended): GenerateEnd {
    this.#checkSaid();
    if (finish === "stop" && this.#request.jsonSchema !== undefined) this.#checkJson();
    const { saidTokens = 0 } = this.#request;
    const counted = usage === undefined ? this.#tokens : Math.max(0, usage.completionTokens - saidTokens);
    return this.#ended(this.#finishOf(finish), usage?.promptTokens ?? 0, counted);
  }

  abort(): GenerateEnd {
    return this.#ended("abort", 0, this.#tokens);
  }

  #heardText(come: string): readonly Part[] {
    const whole = this.#half + come;
    this.#half = FIRST_HALF.exec(whole)?.[0] ?? "";
    const fresh = this.#afterSaid(whole.slice(0, whole.length - this.#half.length).toWellFormed());
    if (fresh === "") return [];
    this.#text += fresh;
    this.#tokens += 1;
    return partsOf(this.#stops.push(fresh));
  }

  /** What was held back because it looked like the beginning of a stop. */
  #rest(): readonly Part[] {
    return partsOf(this.#stops.rest());
  }

  /** RE5. */
  #count(chars: number): void {
    this.#chars += chars;
    if (this.#chars <= this.#charsMax) return;
    throw new RbeeError("endpoint.failed", `${this.#name} goes on beyond ${this.#request.maxTokens} tokens`);
  }

  /** HE1, HE2. */
  #finishOf(finish: Ended["finish"]): GenerateEnd["finish"] {
    if (finish === "length" && !this.#calls.isOver) return finish;
    if (this.#calls.count > 0) return "tool_calls";
    if (finish === "stop" && !this.#isForced) return finish;
    throw new RbeeError("endpoint.refused", `${this.#name} ends its answer without the call that it was to make`);
  }

  #ended(finish: GenerateEnd["finish"], promptTokens: number, completionTokens: number): GenerateEnd {
    const totalMs = this.#now() - this.#startedMs;
    return {
      finish,
      stop: this.#stops.found,
      promptTokens,
      completionTokens,
      firstTokenMs: this.#firstTokenMs ?? totalMs,
      totalMs,
    };
  }

  /** RE4. */
  #afterSaid(come: string): string {
    const length = Math.min(this.#toCome.length, come.length);
    if (come.slice(0, length) !== this.#toCome.slice(0, length)) throw this.#cut();
    this.#toCome = this.#toCome.slice(length);
    return come.slice(length);
  }

  /** RE4. */
  #checkSaid(): void {
    if (this.#toCome !== "") throw this.#cut();
  }

  #cut(): RbeeError {
    const message = `${this.#name} says something else than it had said before it broke off`;
    return new RbeeError("endpoint.cut", message);
  }

  /** RE6. */
  #checkJson(): void {
    try {
      JSON.parse(this.#text);
    } catch {
      throw new RbeeError("endpoint.refused", `${this.#name} does not hold its answer to a JSON schema`);
    }
  }
}

const partsOf = (text: string): readonly Part[] => (text === "" ? [] : [{ kind: "text", text }]);
