/**
 * What a request asks for in words that no machine reads: how to choose tokens, what was said, what may be called.
 *
 * @module
 */

/** How a token is chosen, where it is not left to the engine. */
export interface Sampling {
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly minP?: number | undefined;
  /** Divides what is likely of a token that was said; 1 changes nothing. */
  readonly repeatPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
}

/** What a model asked somebody to do. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** A JSON object. */
  readonly arguments: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** Of an assistant; each is answered by a message of a tool right behind it. */
  readonly calls?: readonly ToolCall[] | undefined;
  /** Of a tool: the call that it answers. */
  readonly callId?: string | undefined;
}

export interface ToolFunction {
  readonly name: string;
  readonly description?: string | undefined;
  /** A JSON schema of an object; nothing where it takes no arguments. */
  readonly parameters?: unknown;
  /** Its arguments are held to all of that schema; otherwise to what can be held of it. */
  readonly strict?: boolean | undefined;
}

/** What a model may call, and whether it must. */
export interface Tools {
  readonly functions: readonly ToolFunction[];
  readonly choice: "auto" | "required" | { readonly name: string };
  /** More than one call in one answer. */
  readonly parallel: boolean;
}
