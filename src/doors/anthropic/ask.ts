/**
 * What a client of the Anthropic dialect asks, as a job.
 *
 *  AA1 Turns of the same role that follow each other are one turn, as that dialect has it; nothing else is added to the
 *      words or taken from them.
 *  AA2 To count is a job like any other, for no token at all: it goes to the model's own tokenizer and template.
 *  AA3 What came of a call is a message of its own, in its place among the others; that it failed is told inside it.
 *  AA4 What does not fit together is named as the client counts its messages.
 *
 * @module
 */
import type { ChatMessage, ToolCall, ToolFunction, Tools } from "../../../machines/request.ts";
import type { Asked } from "../run.ts";
import { samplingOf } from "../sampling.ts";
import { checkedMessages, toolsOf } from "../tools.ts";
import type { Block, Message } from "./dialogue-schema.ts";
import type { CountRequest, MessagesRequest } from "./schema.ts";

type Result = Extract<Block, { type: "tool_result" }>;
type Texts = NonNullable<CountRequest["system"]>;

export function messagesJob(request: MessagesRequest): Asked {
  const { max_tokens: maxTokens, temperature, stop_sequences: stops } = request;
  return {
    ...promptOf(request),
    maxTokens,
    temperature: temperature ?? undefined,
    sampling: samplingOf(request),
    stops: stops ?? undefined,
  };
}

export const countJob = (request: CountRequest): Asked => ({ ...promptOf(request), maxTokens: 0 });

function promptOf(request: CountRequest): Asked {
  const jsonSchema = (request.output_config?.format ?? request.output_format)?.schema;
  return {
    capability: "text",
    model: request.model,
    messages: messagesOf(request),
    tools: toolsOf({
      functions: functionsOf(request),
      choice: choiceOf(request),
      parallel: !isForOneCall(request),
    }),
    jsonSchema,
  };
}

/** AA4. */
function messagesOf({ system, messages }: CountRequest): readonly ChatMessage[] {
  const turns = new Turns();
  if (textOf(system) !== "") turns.add("system", { role: "system", content: system ?? [] });
  for (const [index, message] of messages.entries()) turns.add(`messages.${index}`, message);
  return checkedMessages(turns.messages, (index) => turns.fields[index] ?? "messages");
}

const NO_TEXT: Block = { type: "text", text: "" };

interface Turn extends ChatMessage {
  content: string;
  calls?: ToolCall[];
}

/** AA1. */
class Turns {
  readonly messages: Turn[] = [];
  /** Where the client began each. */
  readonly fields: string[] = [];

  add(field: string, { role, content }: Message): void {
    let glue = "\n\n";
    for (const block of content.length === 0 ? [NO_TEXT] : content) {
      const last = this.messages.at(-1);
      if (block.type === "thinking" || block.type === "redacted_thinking") continue;
      if (block.type === "tool_result") this.#begin(field, answerOf(block));
      else if (block.type === "tool_use") this.#call(field, block);
      else if (last?.role !== role || last.calls !== undefined) this.#begin(field, { role, content: block.text });
      else last.content += last.content === "" || block.text === "" ? block.text : `${glue}${block.text}`;
      glue = "";
    }
  }

  #call(field: string, { id, name, input }: Extract<Block, { type: "tool_use" }>): void {
    const last = this.messages.at(-1);
    const turn = last?.role === "assistant" ? last : this.#begin(field, { role: "assistant", content: "" });
    turn.calls ??= [];
    turn.calls.push({ id, name, arguments: JSON.stringify(input) });
  }

  #begin(field: string, turn: Turn): Turn {
    this.messages.push(turn);
    this.fields.push(field);
    return turn;
  }
}

/** AA3. */
function answerOf({ tool_use_id: callId, content, is_error: hasFailed }: Result): Turn {
  const said = textOf(content);
  return { role: "tool", content: hasFailed === true ? JSON.stringify({ error: said }) : said, callId };
}

const textOf = (blocks: Texts | null | undefined): string => (blocks ?? []).map((block) => block.text).join("");

const functionsOf = ({ tools }: CountRequest): readonly ToolFunction[] | undefined =>
  tools?.map(({ name, description, input_schema: parameters, input_examples: examples, strict }) => ({
    name,
    description: [description ?? [], examples?.map((one) => `Example: ${JSON.stringify(one)}`) ?? []].flat().join("\n"),
    parameters,
    strict: strict ?? undefined,
  }));

function choiceOf({ tool_choice: choice }: CountRequest): Tools["choice"] | "none" | undefined {
  if (choice?.type === "tool") return { name: choice.name };
  return choice?.type === "any" ? "required" : choice?.type;
}

const isForOneCall = ({ tool_choice: choice }: CountRequest): boolean =>
  choice !== null && choice !== undefined && choice.type !== "none" && choice.disable_parallel_tool_use === true;
