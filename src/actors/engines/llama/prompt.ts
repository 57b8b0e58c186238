/**
 * From what was asked to the tokens a model is given, and to what ends its answer.
 *
 * Owns the chat template's use. With a template, messages are rendered by it and the model's turn is left open; without
 * one the text is completed raw. Nothing is ever added that was not asked for: no default system prompt.
 *
 *  P1 Text of a person is tokenised as text: a control token spelled out in it stays letters.
 *  P2 The tokens of `said` follow the prompt's own and do not change them.
 *
 * @module
 */
import type { ChatWrapper, LlamaModel, LlamaText, Token } from "node-llama-cpp";
import type { Tools } from "../../../../machines/request.ts";
import { RbeeError } from "../../../protocol/errors.ts";
import { CallSyntax, checkCalls, noTools } from "../call-syntax.ts";
import { functionsOf, historyOf } from "./chat-history.ts";
import { chatWrapperOf } from "./chat-wrapper.ts";
import type { GenerateRequest } from "../engine.ts";
import type { Binding } from "./runtime.ts";

export interface Prompt {
  readonly tokens: readonly Token[];
  /** Tokens of `said`: evaluated behind the prompt, never emitted. */
  readonly saidTokens: readonly Token[];
  readonly stopTokens: ReadonlySet<Token>;
  readonly stopTexts: readonly string[];
  /** How calls are written, where something may be called. */
  readonly syntax?: CallSyntax;
}

export class Prompter {
  readonly #model: LlamaModel;
  readonly #binding: Binding;
  readonly #wrapper: ChatWrapper | undefined;
  #syntax: CallSyntax | undefined;

  constructor(binding: Binding, model: LlamaModel) {
    this.#binding = binding;
    this.#model = model;
    this.#wrapper = chatWrapperOf(binding, model);
  }

  get chatTemplate(): boolean {
    return this.#wrapper !== undefined;
  }

  /** @throws RbeeError request.invalid when nothing is left to evaluate */
  prompt({ input, said, tools }: Pick<GenerateRequest, "input" | "said" | "tools">): Prompt {
    const wrapper = this.#wrapper;
    if (wrapper === undefined && tools !== undefined) throw noTools("it has no chat template");
    const prompt = wrapper === undefined ? this.#raw(input) : this.#chat(wrapper, input, tools);
    if (prompt.tokens.length === 0) {
      throw new RbeeError("request.invalid", "The prompt is empty.", { field: "prompt" });
    }
    return { ...prompt, saidTokens: said === "" ? [] : this.#model.tokenize(said, false, "trimLeadingSpace") };
  }

  #raw(input: GenerateRequest["input"]): Omit<Prompt, "saidTokens"> {
    const text = "prompt" in input ? input.prompt : input.messages.map(({ content }) => content).join("\n\n");
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    const start = shouldPrependBosToken && bos !== null ? [bos] : [];
    const tokens = [...start, ...this.#model.tokenize(text)];
    return { tokens, stopTokens: new Set(), stopTexts: [] };
  }

  #chat(wrapper: ChatWrapper, input: GenerateRequest["input"], tools: Tools | undefined): Omit<Prompt, "saidTokens"> {
    const messages = "prompt" in input ? [{ role: "user" as const, content: input.prompt }] : input.messages;
    const state = wrapper.generateContextState({
      chatHistory: historyOf(messages),
      ...(tools && { availableFunctions: functionsOf(tools), documentFunctionParams: true }),
    });
    const { contextText, stopGenerationTriggers } = state;
    const stopTokens = new Set<Token>();
    const stopTexts = new Set<string>();
    for (const trigger of stopGenerationTriggers) {
      const [token, ...more] = trigger.tokenize(this.#model.tokenizer);
      if (token !== undefined && more.length === 0 && this.#model.isSpecialToken(token)) stopTokens.add(token);
      else if (this.#isText(trigger)) stopTexts.add(trigger.toString());
    }
    const prompt = { tokens: contextText.tokenize(this.#model.tokenizer), stopTokens, stopTexts: [...stopTexts] };
    if (tools === undefined) return prompt;
    checkCalls(state);
    this.#syntax ??= new CallSyntax(this.#binding, this.#model.tokenizer, wrapper.settings.functions);
    return { ...prompt, syntax: this.#syntax };
  }

  /** A trigger that names a token by its role has no spelling to look for. */
  #isText(trigger: LlamaText): boolean {
    const { SpecialToken } = this.#binding;
    return trigger.toString() !== "" && trigger.values.every((value) => !(value instanceof SpecialToken));
  }
}
