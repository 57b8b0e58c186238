/**
 * Text of jobs in the shapes of the dialect: whole, or as the chunks of a stream.
 *
 * Owns what both shapes of text share: their ids, their order, their usage. What each shape looks like is given.
 *
 *  OT1 A stream ends with `[DONE]` behind a chunk that says how, or with an error: a break is never an end.
 *  OT2 What a stream says, put together, is what the whole answer says.
 *  OT3 Each choice is a job of its own; the usage is of all of them, with the prompt counted once.
 *
 * @module
 */
import type { Answer, EventSink } from "../../protocol/route.ts";
import type { Gathered, Piece } from "../pieces.ts";
import { type Ended, gather, type Together } from "../run.ts";

/** What makes one shape of the two that text has. */
export interface TextShape {
  readonly idPrefix: string;
  readonly object: { readonly whole: string; readonly chunk: string };
  /** What a chunk before the last says of the usage, where that is asked for. */
  readonly noUsage: object;
  choice(index: number): ChoiceShape;
}

/** One choice, from its first piece to its last. */
export interface ChoiceShape {
  whole(gathered: Pick<Gathered, "text" | "calls">, finish: Ended["finish"]): object;
  /** The first one has no text. */
  opening(): object | undefined;
  piece(piece: Piece): object | undefined;
  last(finish: Ended["finish"]): object;
}

export interface TextAnswer {
  readonly shape: TextShape;
  readonly model: string;
  readonly createdAtMs: number;
  readonly stream: boolean;
  /** A chunk with the usage behind the last. */
  readonly tellUsage: boolean;
}

export async function answerText(asked: TextAnswer, together: Together): Promise<Answer> {
  const { shape } = asked;
  const common = {
    id: `${shape.idPrefix}${together.job}`,
    created: Math.floor(asked.createdAtMs / 1000),
    model: asked.model,
  };
  if (asked.stream) {
    return { events: (sink) => relay(asked, { ...common, object: shape.object.chunk }, together, sink) };
  }
  const answers = await together.each((running) => gather(running));
  const choices = answers.map(({ gathered, ended }, index) => shape.choice(index).whole(gathered, ended.finish));
  const usage = usageOf(answers.map(({ ended }) => ended.usage));
  return { status: 200, json: { ...common, object: shape.object.whole, choices, usage } };
}

async function relay(asked: TextAnswer, common: object, together: Together, sink: EventSink): Promise<void> {
  const { shape, tellUsage } = asked;
  const send = async (choice: object | undefined): Promise<void> => {
    if (choice === undefined) return;
    await sink.send({ data: { ...common, choices: [choice], ...(tellUsage ? shape.noUsage : {}) } });
  };
  const usages = await together.each(async ({ heard }, index) => {
    const choice = shape.choice(index);
    let usage: Ended["usage"] = NO_USAGE;
    let hasOpened = false;
    for await (const part of heard) {
      if (!hasOpened) await send(choice.opening());
      hasOpened = true;
      if (part.type === "prompt") continue;
      if (part.type === "ended") {
        usage = part.ended.usage;
        await send(choice.last(part.ended.finish));
      } else await send(choice.piece(part));
    }
    return usage;
  });
  if (tellUsage) await sink.send({ data: { ...common, choices: [], usage: usageOf(usages) } });
  await sink.send({ data: "[DONE]", isWord: true });
}

const NO_USAGE: Ended["usage"] = { promptTokens: 0, completionTokens: 0, firstTokenMs: 0, totalMs: 0 };

/** OT3. */
function usageOf(usages: readonly Ended["usage"][]): object {
  const prompt = usages[0]?.promptTokens ?? 0;
  const completion = usages.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
