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
import type { ChatHistoryItem, ChatWrapper, LlamaModel, LlamaText, Token } from "node-llama-cpp";
import { RbeeError } from "../../protocol/errors.ts";
import type { ChatMessage, GenerateRequest } from "./engine.ts";
import type { Binding } from "./llama-runtime.ts";

export interface Prompt {
  readonly tokens: readonly Token[];
  /** Tokens of `said`: evaluated behind the prompt, never emitted. */
  readonly saidTokens: readonly Token[];
  readonly stopTokens: ReadonlySet<Token>;
  readonly stopTexts: readonly string[];
}

export class Prompter {
  readonly #model: LlamaModel;
  readonly #binding: Binding;
  readonly #wrapper: ChatWrapper | undefined;

  constructor(binding: Binding, model: LlamaModel) {
    this.#binding = binding;
    this.#model = model;
    const template = model.fileInfo.metadata.tokenizer?.chat_template;
    if (typeof template === "string" && template.trim() !== "") {
      this.#wrapper = binding.resolveChatWrapper(model, { warningLogs: false }) ?? undefined;
    }
  }

  get chatTemplate(): boolean {
    return this.#wrapper !== undefined;
  }

  /** @throws RbeeError request.invalid when nothing is left to evaluate */
  prompt({ input, said }: Pick<GenerateRequest, "input" | "said">): Prompt {
    const prompt = this.#wrapper === undefined ? this.#raw(input) : this.#chat(this.#wrapper, input);
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

  #chat(wrapper: ChatWrapper, input: GenerateRequest["input"]): Omit<Prompt, "saidTokens"> {
    const messages = "prompt" in input ? [{ role: "user" as const, content: input.prompt }] : input.messages;
    const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory: historyOf(messages) });
    const stopTokens = new Set<Token>();
    const stopTexts = new Set<string>();
    for (const trigger of stopGenerationTriggers) {
      const [token, ...more] = trigger.tokenize(this.#model.tokenizer);
      if (token !== undefined && more.length === 0 && this.#model.isSpecialToken(token)) stopTokens.add(token);
      else if (this.#isText(trigger)) stopTexts.add(trigger.toString());
    }
    return { tokens: contextText.tokenize(this.#model.tokenizer), stopTokens, stopTexts: [...stopTexts] };
  }

  /** A trigger that names a token by its role has no spelling to look for. */
  #isText(trigger: LlamaText): boolean {
    const { SpecialToken } = this.#binding;
    return trigger.toString() !== "" && trigger.values.every((value) => !(value instanceof SpecialToken));
  }
}

/** The turn that is to be generated is the last model item; an assistant message at the end is gone on with. */
function historyOf(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history = messages.map(({ role, content }): ChatHistoryItem => {
    return role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content };
  });
  return messages.at(-1)?.role === "assistant" ? history : [...history, { type: "model", response: [] }];
}
