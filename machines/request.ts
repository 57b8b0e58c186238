/**
 * A request, parsed, and what it asks for in words that no machine reads: how to choose tokens, what was said, what may
 * be called.
 *
 * @module
 */
import type { Capability, Label } from "./words.ts";

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

/** A request as the door hands it over: parsed, bounded, with every default in place. */
export interface JobRequest {
  readonly capability: Capability;
  readonly model: string | undefined;
  readonly prompt: string | undefined;
  readonly messages: readonly ChatMessage[] | undefined;
  readonly input: readonly string[] | undefined;
  readonly maxTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly seed: number | undefined;
  readonly jsonSchema: unknown;
  readonly sampling?: Sampling | undefined;
  /** Each of them ends the text before itself. */
  readonly stops?: readonly string[] | undefined;
  readonly tools?: Tools | undefined;
  readonly priority: number;
  readonly deadlineMs: number | undefined;
  readonly label: Label;
  readonly node: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** Whose turn it takes in the queue, where that is not its caller's: a discussion's. */
  readonly party?: string | undefined;
  /** Whoever asked set money aside for one attempt: it is begun once, whatever becomes of it. */
  readonly isOnce?: boolean | undefined;
  /**
   * Whoever asked waits on a connection and hears nothing of a job before its answer: nothing was promised that a loss
   * of power could break (RM10), so nobody waits for a disk.
   */
  readonly isAwaited?: boolean | undefined;
  /** How long its model shall stay in memory behind it, unless somebody needs the room; not said, as the node does. */
  readonly keepAliveMs?: number | undefined;
}

/** What a request says that asks for nothing in particular. */
export const BARE_REQUEST: Omit<JobRequest, "capability" | "model"> = {
  prompt: undefined,
  messages: undefined,
  input: undefined,
  maxTokens: undefined,
  temperature: undefined,
  seed: undefined,
  jsonSchema: undefined,
  priority: 5,
  deadlineMs: undefined,
  label: "private",
  node: undefined,
  idempotencyKey: undefined,
};

/** A job, as somebody at a door speaks of it. */
export interface JobAsked {
  readonly job: string;
  /** The id of the API key that it is asked with: then nobody's job but its own is known. */
  readonly key?: string | undefined;
}
