/**
 * An answer of a model that may call functions: a text until a call begins in it, then calls.
 *
 * Owns the order of stretches: text, name, arguments, and what is between two calls. Where a call begins, what the
 * model has written of it is replaced by the template's own opening, and from there on a grammar holds: of the names
 * there are, then of the arguments of that function. The template's words around both are never told.
 *
 *  LC1 A call that may not be made is not recognised, and one that must be made is not waited for: it is opened.
 *  LC2 An answer is gone on with behind the calls that were said, in the middle of the last one's arguments.
 *  LC3 Where a text is held to a schema, a model writes such a document or calls: what reads like a call inside of a
 *      document is part of it.
 *
 * @module
 */
import type { LlamaGrammar, Token } from "node-llama-cpp";
import type { ToolFunction, Tools } from "../../../../machines/request.ts";
import type { GenerateEnd, OutputKind, SaidCall } from "../engine.ts";
import { DOCUMENT_END } from "../grammar/json-grammar.ts";
import { checkedParameters, checkSchema } from "../grammar/json-schema.ts";
import type { CallSyntax } from "../call-syntax.ts";
import { NAME_END, nameGrammar, schemaGrammar } from "./grammar.ts";
import { counted, type Ends, Output, type TellText, untilAborted, type TellPart } from "./output.ts";
import type { Prompt } from "./prompt.ts";
import { runStretch, type StretchEnd, type Turn } from "./stretch.ts";
import { Pieces } from "./token-text.ts";

const CALLS_MAX = 16;
/** A model that means to call again says so at once. */
const BETWEEN_TOKENS_MAX = 8;

type End = Pick<GenerateEnd, "finish" | "stop">;
interface Held {
  readonly out: Output;
  readonly end: End;
}
type CallPrompt = Prompt & { readonly syntax: CallSyntax };

export function answerWithCalls(turn: Turn, prompt: CallPrompt, tools: Tools, hear: TellPart): Promise<End> {
  return new CallingTurn(turn, prompt, tools, hear).run();
}

class CallingTurn {
  readonly #turn: Turn;
  readonly #prompt: CallPrompt;
  readonly #tools: Tools;
  readonly #hear: TellPart;
  readonly #pieces: Pieces<Token>;
  /** All that stands in the context by now. */
  #written: readonly Token[];

  constructor(turn: Turn, prompt: CallPrompt, tools: Tools, hear: TellPart) {
    this.#turn = turn;
    this.#prompt = prompt;
    this.#tools = tools;
    this.#hear = hear;
    this.#written = [...prompt.tokens, ...prompt.saidTokens];
    this.#pieces = spelling(turn.loaded.pieces, prompt.syntax.spelled);
  }

  async run(): Promise<End> {
    const said = this.#turn.request.saidCalls ?? [];
    if (said.length === 0 && this.#tools.choice === "auto") {
      const end = await this.#text();
      if (end !== undefined) return end;
    }
    for (let index = 0; index < CALLS_MAX; index += 1) {
      const finish = await this.#call(index === 0, said[index], index + 1 < said.length);
      if (finish !== "stop") return { finish };
      if (index + 1 < said.length) continue;
      const more = await this.#anotherBegins();
      if (more !== "stop") return { finish: more === "length" ? "tool_calls" : more };
    }
    return { finish: "tool_calls" };
  }

  /** @returns nothing when a call begins */
  async #text(): Promise<End | undefined> {
    const { syntax, stopTokens, stopTexts } = this.#prompt;
    const { stops = [], jsonSchema } = this.#turn.request;
    if (jsonSchema !== undefined) return this.#document(jsonSchema);
    const ends = { stopTokens, stopTexts: [...stopTexts, ...stops, ...syntax.triggers] };
    const out = this.#output(ends, this.#telling("text"));
    const finish = await runStretch(this.#turn, { given: this.#written, out });
    if (finish !== "stop" || !syntax.triggers.some((trigger) => trigger === out.found)) {
      return { finish, stop: stops.find((stop) => stop === out.found) };
    }
    this.#written = [...this.#written, ...this.#tokensOf(out.text)];
    return undefined;
  }

  /** LC3. @returns nothing when a call begins */
  async #document(schema: unknown): Promise<End | undefined> {
    checkSchema(schema);
    const { syntax, saidTokens } = this.#prompt;
    const grammar = await schemaGrammar(this.#turn.loaded, schema, syntax.triggers);
    const begun = await this.#held(grammar, saidTokens, saidTokens.length === 0 ? syntax.triggers : []);
    const trigger = syntax.triggers.find((one) => one === begun.out.found);
    if (trigger === undefined) return begun.end;
    const { text } = begun.out;
    if (text === "") return undefined;
    await this.#telling("text")(trigger);
    return (await this.#held(grammar, this.#tokensOf(text + trigger), [])).end;
  }

  /** A stretch of a document behind what was said of it. */
  async #held(grammar: LlamaGrammar, led: readonly Token[], triggers: readonly string[]): Promise<Held> {
    const { stops = [] } = this.#turn.request;
    const stopTexts = [DOCUMENT_END, ...stops, ...triggers];
    const out = this.#output({ stopTokens: new Set(), stopTexts }, this.#telling("text"));
    const finish = await runStretch(this.#turn, { given: this.#prompt.tokens, led, grammar, out });
    return { out, end: { finish, stop: stops.find((stop) => stop === out.found) } };
  }

  async #call(isFirst: boolean, said: SaidCall | undefined, isWhole: boolean): Promise<StretchEnd> {
    const { syntax } = this.#prompt;
    const name = said?.name ?? (await this.#name(isFirst));
    if (typeof name !== "string") return name.finish;
    if (said === undefined) await this.#tellName(name);
    const head = [...this.#written, ...syntax.head(isFirst, name)];
    let args = said?.arguments ?? "";
    if (!isWhole) {
      const grammar = await schemaGrammar(this.#turn.loaded, checkedParameters(this.#functionOf(name)));
      const out = this.#output({ stopTokens: new Set(), stopTexts: [DOCUMENT_END] }, this.#telling("arguments"));
      const finish = await runStretch(this.#turn, { given: head, led: this.#tokensOf(args), grammar, out });
      if (finish !== "stop") return finish;
      args += out.text;
    }
    this.#written = [...head, ...syntax.tail(name, args)];
    return "stop";
  }

  async #name(isFirst: boolean): Promise<string | { readonly finish: StretchEnd }> {
    const { choice, functions } = this.#tools;
    if (typeof choice !== "string") return choice.name;
    const [only, ...others] = functions;
    if (only !== undefined && others.length === 0) return only.name;
    const names = functions.map(({ name }) => name);
    const grammar = await nameGrammar(this.#turn.loaded, names);
    const out = this.#output({ stopTokens: new Set(), stopTexts: [NAME_END] }, () => {});
    const given = [...this.#written, ...this.#prompt.syntax.opening(isFirst)];
    const finish = await runStretch(this.#turn, { given, grammar, out });
    return finish === "stop" ? out.text.trim() : { finish };
  }

  /** @returns "stop" when another call begins, "length" when none does */
  async #anotherBegins(): Promise<StretchEnd> {
    const { syntax, stopTokens, stopTexts } = this.#prompt;
    const { choice, parallel } = this.#tools;
    if (!parallel || !syntax.several || typeof choice !== "string") return "length";
    const out: Output = this.#output({ stopTokens, stopTexts: [...stopTexts, ...syntax.triggers] }, () => {
      // Anything else than another call is the end of them.
      if (out.text.replace(syntax.between, "").trim() !== "") out.isOver = true;
    });
    const finish = await runStretch(this.#turn, { given: this.#written, tokensMax: BETWEEN_TOKENS_MAX, out });
    if (finish === "abort") return finish;
    return syntax.triggers.some((trigger) => trigger === out.found) ? "stop" : "length";
  }

  async #tellName(name: string): Promise<void> {
    const waiting = this.#telling("call")(name);
    if (waiting !== undefined) await untilAborted(waiting, this.#turn.signal);
  }

  #functionOf(wanted: string): ToolFunction {
    return this.#tools.functions.find(({ name }) => name === wanted) ?? { name: wanted };
  }

  #telling(kind: OutputKind): TellText {
    return counted(this.#turn.tally, (text, tokens) => this.#hear(text, tokens, kind));
  }

  #output(ends: Ends, tell: TellText): Output {
    return new Output(this.#pieces, ends, this.#turn.tally, tell, this.#turn.signal);
  }

  #tokensOf(text: string): Token[] {
    return text === "" ? [] : this.#turn.loaded.model.tokenize(text, false, "trimLeadingSpace");
  }
}

/** Some tokens have no text, and are the beginning of a call. */
function spelling(pieces: Pieces<Token>, spelled: ReadonlyMap<Token, string>): Pieces<Token> {
  return new Pieces((tokens) =>
    tokens.some((token) => spelled.has(token))
      ? tokens.map((token) => spelled.get(token) ?? pieces.of(token)).join("")
      : pieces.join(tokens),
  );
}
