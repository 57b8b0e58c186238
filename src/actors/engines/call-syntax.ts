/**
 * How a model's chat template writes calls of functions: what opens one, what stands around its name and arguments.
 *
 * Owns the reading of the template's settings, and nothing of what is done with them.
 *
 *  CX1 A call is recognised by the first part of its opening that no text begins with, so that a model that writes the
 *      rest of it a little differently is understood. What it wrote is then replaced by the template's own way.
 *  CX2 A template that has calls begin in another way than in a text is refused: nothing would ever be called.
 *
 * @module
 */
import type { ChatWrapper, ChatWrapperGeneratedContextState, LlamaText, Token, Tokenizer } from "node-llama-cpp";
import { RbeeError } from "../../protocol/errors.ts";
import type { Binding } from "./llama/runtime.ts";

type Syntax = ChatWrapper["settings"]["functions"];
type Text = string | LlamaText;

export class CallSyntax {
  /** Each begins a call wherever it stands in a text. */
  readonly triggers: readonly string[];
  /** What may stand between two calls. */
  readonly between: string;
  /** Tokens of the triggers that have no text otherwise. */
  readonly spelled: ReadonlyMap<Token, string>;
  /** Several calls in one answer can be written. */
  readonly several: boolean;
  readonly #syntax: Syntax;
  readonly #binding: Binding;
  readonly #tokenizer: Tokenizer;

  constructor(binding: Binding, tokenizer: Tokenizer, syntax: Syntax) {
    this.#binding = binding;
    this.#tokenizer = tokenizer;
    this.#syntax = syntax;
    const { call, parallelism } = syntax;
    const section = parallelism?.call.sectionPrefix ?? "";
    const openings: readonly Text[] = [
      binding.LlamaText([section, call.prefix]),
      call.prefix,
      ...(call.prefixAlternateMatches ?? []),
      ...(parallelism?.call.sectionPrefixAlternateMatches ?? []),
    ];
    const texts = openings.map((opening) => beginningOf(opening.toString()));
    this.triggers = [...new Set(texts)].filter((text) => text !== "");
    this.between = binding.LlamaText(parallelism?.call.betweenCalls ?? "").toString();
    this.spelled = new Map(openings.flatMap((opening) => this.#spellingsIn(opening)));
    this.several = parallelism !== undefined;
  }

  /** Up to the name. */
  opening(isFirst: boolean): Token[] {
    const { call, parallelism } = this.#syntax;
    const before = isFirst ? parallelism?.call.sectionPrefix : parallelism?.call.betweenCalls;
    return this.#tokens([before ?? "", call.prefix]);
  }

  /** All of a call up to its arguments. */
  head(isFirst: boolean, name: string): Token[] {
    const { call, parallelism } = this.#syntax;
    const before = isFirst ? parallelism?.call.sectionPrefix : parallelism?.call.betweenCalls;
    return this.#tokens([before ?? "", call.prefix, name, this.#named(call.paramsPrefix, name)]);
  }

  /** The arguments of a call and what closes it. */
  tail(name: string, args: string): Token[] {
    return this.#tokens([args, this.#named(this.#syntax.call.suffix, name)]);
  }

  #named(text: Text, name: string): LlamaText {
    return this.#binding
      .LlamaText(text)
      .mapValues((value) => (typeof value === "string" ? value.replaceAll("{{functionName}}", name) : value));
  }

  #tokens(parts: readonly Text[]): Token[] {
    return this.#binding.LlamaText([...parts]).tokenize(this.#tokenizer, "trimLeadingSpace");
  }

  #spellingsIn(opening: Text): [Token, string][] {
    return this.#tokens([opening])
      .filter((token) => this.#tokenizer.isSpecialToken(token))
      .map((token) => [token, this.#tokenizer.detokenize([token], true)]);
  }
}

/** A tag, as `<tool_call>` or `[TOOL_CALLS]`: what follows it is written in more than one way. */
const TAG = /^(?:<[^<>\s]+>|\[[A-Z_]{3,}\])/;

/** CX1. */
export function beginningOf(opening: string): string {
  const text = opening.trim();
  return TAG.exec(text)?.[0] ?? text;
}

/** CX2. @throws RbeeError request.invalid */
export function checkCalls(state: ChatWrapperGeneratedContextState): void {
  const isOther =
    state.functionCall?.initiallyEngaged === true ||
    state.detectFunctionCalls === false ||
    state.noPrefixTrigger !== undefined ||
    state.prefixTriggers !== undefined;
  if (isOther) throw noTools("the way in which its chat template calls functions is not known here");
}

export const noTools = (why: string): RbeeError =>
  new RbeeError("request.invalid", `tools: this model can call nothing: ${why}.`, { field: "tools" });
