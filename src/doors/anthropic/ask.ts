/**
 * What a client of the Anthropic dialect asks, as a job.
 *
 *  AA1 Turns of the same role that follow each other are one turn, as that dialect has it; nothing else is added to the
 *      words or taken from them.
 *  AA2 To count is a job like any other, for no token at all: it goes to the model's own tokenizer and template.
 *
 * @module
 */
import type { Asked } from "../run.ts";
import type { CountRequest, MessagesRequest } from "./schema.ts";

type Content = NonNullable<CountRequest["system"]>;
type Turn = NonNullable<Asked["messages"]>[number];

export function messagesJob(request: MessagesRequest): Asked {
  const { max_tokens: maxTokens, temperature, stop_sequences: stops } = request;
  return { ...promptOf(request), maxTokens, temperature: temperature ?? undefined, stops: stops ?? undefined };
}

export const countJob = (request: CountRequest): Asked => ({ ...promptOf(request), maxTokens: 0 });

function promptOf({ model, system, messages, output_config: output }: CountRequest): Asked {
  const before = textOf(system ?? "") === "" ? [] : [{ role: "system" as const, content: system ?? "" }];
  return {
    capability: "text",
    model,
    messages: turnsOf([...before, ...messages]),
    jsonSchema: output?.format?.schema,
  };
}

/** AA1. */
function turnsOf(messages: CountRequest["messages"]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    const text = textOf(content);
    if (last?.role !== role) turns.push({ role, content: text });
    else turns.splice(-1, 1, { role, content: `${last.content}\n\n${text}` });
  }
  return turns;
}

const textOf = (content: Content): string =>
  typeof content === "string" ? content : content.map((block) => block.text).join("");
