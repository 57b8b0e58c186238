/**
 * What is heard of one answer: told on in whole characters, counted, and held to what was asked.
 *
 * RE4 to RE6 of engine.ts are kept here.
 *
 * @module
 */
import { RbeeError } from "../../../protocol/errors.ts";
import type { GenerateEnd, GenerateRequest, Hear } from "../engine.ts";
import { StopReader } from "../stop-reader.ts";
import type { Piece } from "./dialect.ts";

/** No tokenizer makes longer ones throughout a text. */
const CHARS_PER_TOKEN_MAX = 64;
/** A single one may be. */
const CHARS_SPARE = 1024;
const FIRST_HALF = /[\uD800-\uDBFF]$/;

export class Hearing {
  readonly #name: string;
  readonly #request: GenerateRequest;
  readonly #hear: Hear;
  readonly #stops: StopReader;
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #charsMax: number;
  #firstTokenMs: number | undefined;
  /** What was said before and did not come again yet. */
  #toCome: string;
  /** The first half of a character whose second is on its way. */
  #half = "";
  #text: string;
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
    this.#charsMax = request.said.length + CHARS_SPARE + request.maxTokens * CHARS_PER_TOKEN_MAX;
  }

  /** @returns a promise while the reader wants no more */
  text(come: string): void | Promise<void> {
    const whole = this.#half + come;
    this.#half = FIRST_HALF.exec(whole)?.[0] ?? "";
    const fresh = this.#afterSaid(whole.slice(0, whole.length - this.#half.length).toWellFormed());
    if (fresh === "") return undefined;
    this.#text += fresh;
    if (this.#text.length > this.#charsMax) {
      throw new RbeeError("endpoint.failed", `${this.#name} goes on beyond ${this.#request.maxTokens} tokens`);
    }
    this.#tokens += 1;
    this.#firstTokenMs ??= this.#now() - this.#startedMs;
    return this.#tell(this.#stops.push(fresh));
  }

  /** One of the stops is whole: whatever else the server would say is not wanted. */
  get isStopped(): boolean {
    return this.#stops.found !== undefined;
  }

  /** What was held back because it looked like the beginning of a stop. */
  rest(): void | Promise<void> {
    return this.#tell(this.#stops.rest());
  }

  /** N9 of the port. */
  stop(): GenerateEnd {
    return this.#ended("stop", 0, this.#tokens);
  }

  end({ finish, usage }: Extract<Piece, { type: "ended" }>): GenerateEnd {
    if (this.#toCome !== "") throw this.#cut();
    if (finish === "stop" && this.#request.jsonSchema !== undefined) this.#checkJson();
    const { saidTokens = 0 } = this.#request;
    const counted = usage === undefined ? this.#tokens : Math.max(0, usage.completionTokens - saidTokens);
    return this.#ended(finish, usage?.promptTokens ?? 0, counted);
  }

  abort(): GenerateEnd {
    return this.#ended("abort", 0, this.#tokens);
  }

  #tell(text: string): void | Promise<void> {
    if (text === "") return undefined;
    const tokens = this.#tokens - this.#tokensTold;
    this.#tokensTold = this.#tokens;
    // How many the prompt has, a server says at its end.
    return this.#hear(text, tokens, "text", 0);
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
