/**
 * An answer as the Responses API tells it: items that are opened, filled and closed, and the whole at the end.
 *
 * Owns the order of events and what is in each. A whole answer is what the last event of the same holds, so that both
 * say one thing.
 *
 *  OE1 An item is added before anything is said of it, is done before another is added, and is in the whole as it was
 *      when it was done.
 *  OE2 Events are numbered by one. The last is `response.completed` or `response.incomplete`, and no other is.
 *  OE3 Of a response that breaks the last is the error, and the one before it `response.failed`: a break is never an
 *      end.
 *
 * @module
 */
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";
import type { Heard } from "../run.ts";
import { openaiError } from "./refusal.ts";

export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
}

type Status = "in_progress" | "completed" | "incomplete" | "failed";
type Usage = Extract<Heard, { type: "ended" }>["ended"]["usage"];

interface Named {
  readonly name: string;
  readonly namespace?: string;
}

interface Open extends Named {
  readonly type: "message" | "function_call";
  readonly id: string;
  readonly callId: string;
  said: string;
}

export class ResponseEvents {
  readonly #job: string;
  /** What is said of every response alike. */
  readonly #about: object;
  readonly #nameOf: (called: string) => Named;
  readonly #items: object[] = [];
  readonly #events: ResponseEvent[] = [];
  #open: Open | undefined;
  #numbered = 0;

  /** @param nameOf what the client calls a function */
  constructor(job: string, about: object, nameOf = (called: string): Named => ({ name: called })) {
    this.#job = job;
    this.#about = about;
    this.#nameOf = nameOf;
  }

  /** The events that tell of what was heard. */
  hear(part: Heard): readonly ResponseEvent[] {
    if (this.#numbered === 0) {
      this.#tell("response.created", { response: this.whole("in_progress") });
      this.#tell("response.in_progress", { response: this.whole("in_progress") });
    }
    switch (part.type) {
      case "text":
        if (this.#open === undefined) this.#add({ type: "message", id: `msg_${this.#job}`, callId: "", name: "" });
        this.#say(part.text);
        break;
      case "call":
        this.#close("completed");
        this.#add({ type: "function_call", id: `fc_${part.id}`, callId: part.id, ...this.#nameOf(part.name) });
        break;
      case "arguments":
        this.#say(part.json);
        break;
      case "ended":
        this.#end(part.ended.finish === "length" ? "incomplete" : "completed", part.ended.usage);
        break;
      case "prompt":
      case "vector":
        break;
    }
    return this.#events.splice(0);
  }

  /** OE3. */
  break(error: ErrorData): readonly ResponseEvent[] {
    const { message, code, param } = openaiError(error).error;
    const { httpStatus } = ERRORS[error.code];
    const failure = { code: httpStatus === 429 ? "rate_limit_exceeded" : "server_error", message };
    this.#tell("response.failed", { response: { ...this.whole("failed"), error: failure } });
    this.#tell("error", { code, message, param });
    return this.#events.splice(0);
  }

  whole(status: Status, usage?: Usage): object {
    return {
      id: `resp_${this.#job}`,
      object: "response",
      status,
      error: null,
      incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
      ...this.#about,
      output: [...this.#items],
      ...(usage !== undefined && { usage: usageOf(usage) }),
    };
  }

  #end(status: "completed" | "incomplete", usage: Usage): void {
    if (this.#open === undefined && this.#items.length === 0) {
      this.#add({ type: "message", id: `msg_${this.#job}`, callId: "", name: "" });
    }
    this.#close(status);
    this.#tell(`response.${status}`, { response: this.whole(status, usage) });
  }

  #add(item: Omit<Open, "said">): void {
    const open = { ...item, said: "" };
    this.#open = open;
    this.#tell("response.output_item.added", { output_index: this.#items.length, item: itemOf(open, "in_progress") });
    if (open.type === "message") this.#tellPart("response.content_part.added", { part: partOf("") });
  }

  #say(said: string): void {
    if (this.#open === undefined) return;
    this.#open.said += said;
    if (this.#open.type === "message") this.#tellPart("response.output_text.delta", { delta: said, logprobs: [] });
    else this.#tellItem("response.function_call_arguments.delta", { delta: said });
  }

  #close(status: Status): void {
    const open = this.#open;
    if (open === undefined) return;
    if (open.type === "message") {
      this.#tellPart("response.output_text.done", { text: open.said, logprobs: [] });
      this.#tellPart("response.content_part.done", { part: partOf(open.said) });
    } else {
      this.#tellItem("response.function_call_arguments.done", { arguments: open.said });
    }
    const item = itemOf(open, status);
    this.#tell("response.output_item.done", { output_index: this.#items.length, item });
    this.#items.push(item);
    this.#open = undefined;
  }

  #tellPart(type: string, more: object): void {
    this.#tellItem(type, { content_index: 0, ...more });
  }

  #tellItem(type: string, more: object): void {
    this.#tell(type, { item_id: this.#open?.id ?? "", output_index: this.#items.length, ...more });
  }

  #tell(type: string, more: object): void {
    this.#events.push({ type, sequence_number: this.#numbered, ...more });
    this.#numbered += 1;
  }
}

const partOf = (text: string): object => ({ type: "output_text", text, annotations: [], logprobs: [] });

function itemOf({ type, id, callId, name, namespace, said }: Open, status: Status): object {
  const called = { name, ...(namespace !== undefined && { namespace }) };
  if (type === "function_call") return { type, id, call_id: callId, ...called, arguments: said, status };
  return { type, id, role: "assistant", status, content: status === "in_progress" ? [] : [partOf(said)] };
}

const usageOf = ({ promptTokens, completionTokens }: Usage): object => ({
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: completionTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + completionTokens,
});
