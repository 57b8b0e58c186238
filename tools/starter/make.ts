/**
 * The whole chain: corpus, vocabulary, tokens, training, file.
 *
 * Usage: node tools/starter/make.ts [--folder DIR] [--out FILE] [--steps N] [--chats N] [--seed N] [--python PATH]
 *        [--from DIR]
 * `--steps 0` exports the weights that are already in the folder; `--from DIR` goes on from the weights and the
 * vocabulary of an earlier run instead of beginning anew.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { trainingChats } from "./corpus/corpus.ts";
import { exportStarter } from "./export.ts";
import type { LlamaShape } from "./llama-shape.ts";
import { readPlan } from "./plan.ts";
import { tokenizeCorpus } from "./tokenize.ts";

const BODY: Omit<LlamaShape, "vocab"> = { dim: 192, layers: 5, heads: 6, kvHeads: 2, ffn: 512, tied: true };
const MERGES = 2000;
const CONTEXT_TOKENS = 4096;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "rbee-starter") },
    out: { type: "string", default: "models/starter.gguf" },
    steps: { type: "string", default: "5400" },
    chats: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    from: { type: "string" },
    python: { type: "string", default: "python3" },
  },
});

mkdirSync(values.folder, { recursive: true });
if (Number(values.steps) > 0) {
  const chats = [...trainingChats(Number(values.seed), Number(values.chats))];
  const vocabulary = values.from === undefined ? undefined : readPlan(values.from).vocabulary;
  const options = { folder: values.folder, mergeCount: MERGES, contextTokens: CONTEXT_TOKENS, vocabulary };
  console.log(await tokenizeCorpus(chats, BODY, options));
  const trainer = join(import.meta.dirname, "train.py");
  const from = values.from === undefined ? [] : [values.from];
  const run = [trainer, values.folder, values.steps, values.seed, ...from];
  const { status } = spawnSync(values.python, run, { stdio: "inherit" });
  if (status !== 0) throw new Error(`the trainer ended with ${status}`);
}
console.log(`${values.out}: ${exportStarter(values.folder, values.out)} bytes`);
