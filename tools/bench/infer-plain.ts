/**
 * The binding alone, in a process of its own: what `infer` compares the whole path with.
 *
 * One context with as many sequences as a worker has slots, one thread, the same sampling; no rbee code runs here.
 *
 * @module
 */
import { getLlama, LlamaLogLevel, type LlamaContextSequence, type Token } from "node-llama-cpp";

export interface PlainStart {
  readonly modelPath: string;
  readonly contextTokens: number;
  readonly sequences: number;
}

/** So many answers at once to one prompt. */
export interface PlainAsk {
  readonly prompt: string;
  readonly streams: number;
  readonly tokens: number;
}

export interface PlainAnswer {
  readonly tokens: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

async function serve({ modelPath, contextTokens, sequences }: PlainStart): Promise<void> {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 0, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ sequences, contextSize: contextTokens, threads: 1 });
  const slots = Array.from({ length: sequences }, () => context.getSequence());
  const { bos, shouldPrependBosToken } = model.tokens;

  const answer = async ({ prompt, streams, tokens }: PlainAsk): Promise<PlainAnswer> => {
    const startedMs = performance.now();
    let firstTokenMs = Number.POSITIVE_INFINITY;
    const given = [...(shouldPrependBosToken && bos !== null ? [bos] : []), ...model.tokenize(prompt)];
    const one = async (sequence: LlamaContextSequence): Promise<number> => {
      await sequence.clearHistory();
      const generated: Token[] = [];
      for await (const token of sequence.evaluate(given, { temperature: 0 })) {
        if (generated.length === 0) firstTokenMs = Math.min(firstTokenMs, performance.now() - startedMs);
        generated.push(token);
        if (generated.length >= tokens) break;
      }
      model.detokenize(generated);
      return generated.length;
    };
    const counts = await Promise.all(slots.slice(0, streams).map(one));
    return { tokens: counts.reduce((sum, n) => sum + n, 0), firstTokenMs, totalMs: performance.now() - startedMs };
  };

  process.on("message", (ask: PlainAsk) => void answer(ask).then((told) => process.send?.(told)));
  process.send?.("ready");
}

process.on("disconnect", () => process.exit(0));
// Its only caller is the bench, which gives what this takes.
await serve(JSON.parse(process.argv[2] ?? "{}") as PlainStart);
