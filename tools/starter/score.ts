/**
 * The examination: how often the starter is right on phrasings that no training chat contains, family by family.
 *
 * Usage: node tools/starter/score.ts [FILE] [--json] [--wrong] [--each N]
 * Greedy, one thread, no grammar: what is counted is the model's own doing. An answer that does not end by itself is
 * wrong.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  type ChatHistoryItem,
  getLlama,
  LlamaChat,
  type LlamaContextSequence,
  LlamaLogLevel,
  resolveChatWrapper,
} from "node-llama-cpp";
import { HELD_OUT_PER_FAMILY, heldOutExamples } from "./corpus/corpus.ts";
import { type Example, turns } from "./corpus/example.ts";

export interface Mark {
  readonly right: number;
  readonly total: number;
}

export interface Score {
  readonly families: Readonly<Record<string, Mark>>;
  readonly all: Mark;
}

type Wrong = (example: Example, answer: string) => void;

const CONTEXT_TOKENS = 2048;
const ANSWER_TOKENS_MAX = 240;

export async function scoreStarter(path: string, perFamily: number, onWrong: Wrong = () => undefined): Promise<Score> {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: CONTEXT_TOKENS, threads: 1 });
  const sequence = context.getSequence();
  const marks = new Map<string, { right: number; total: number }>();
  for (const example of heldOutExamples(perFamily)) {
    const mark = marks.get(example.family) ?? { right: 0, total: 0 };
    marks.set(example.family, mark);
    const { text, ended } = await answer(sequence, example);
    mark.total++;
    if (ended && example.accepts(text)) mark.right++;
    else onWrong(example, text);
  }
  await llama.dispose();
  const all = [...marks.values()].reduce(
    (sum, { right, total }) => ({ right: sum.right + right, total: sum.total + total }),
    { right: 0, total: 0 },
  );
  return { families: Object.fromEntries(marks), all };
}

async function answer(sequence: LlamaContextSequence, example: Example): Promise<{ text: string; ended: boolean }> {
  const asked = turns(example).slice(0, -1);
  const chat = new LlamaChat({ contextSequence: sequence, chatWrapper: resolveChatWrapper(sequence.model) });
  const history = asked.map(({ role, content }): ChatHistoryItem =>
    role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content },
  );
  const { response, metadata } = await chat.generateResponse([...history, { type: "model", response: [] }], {
    temperature: 0,
    maxTokens: ANSWER_TOKENS_MAX,
  });
  chat.dispose({ disposeSequence: false });
  return { text: response, ended: metadata.stopReason === "eogToken" };
}

const percent = ({ right, total }: Mark): string => `${((100 * right) / total).toFixed(0)} %`;

function print({ families, all }: Score): void {
  for (const [name, mark] of [...Object.entries(families), ["all", all] as const]) {
    console.log(`${name.padEnd(20)}${`${mark.right} / ${mark.total}`.padStart(12)}${percent(mark).padStart(8)}`);
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      wrong: { type: "boolean", default: false },
      each: { type: "string" },
    },
    allowPositionals: true,
  });
  const perFamily = values.each === undefined ? HELD_OUT_PER_FAMILY : Number(values.each);
  const score = await scoreStarter(positionals[0] ?? "models/starter.gguf", perFamily, (example, given) => {
    if (values.wrong)
      console.error(
        JSON.stringify({ family: example.family, question: example.question, right: example.answer, given }),
      );
  });
  if (values.json) console.log(JSON.stringify({ schemaVersion: 1, ...score }));
  else print(score);
}
