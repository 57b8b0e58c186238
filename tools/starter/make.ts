/**
 * The whole chain: corpus, vocabulary, tokens, training, file.
 *
 * Usage: node tools/starter/make.ts [--folder DIR] [--out FILE] [--steps N] [--groups N] [--seed N] [--python PATH]
 *        [--from FILE]
 * `--steps 0` exports the weights that are already in the folder; `--from FILE` goes on from the weights and the
 * vocabulary of an earlier starter, and learns more words, instead of beginning anew.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { trainingGroups } from "./corpus/corpus.ts";
import { exportStarter } from "./export.ts";
import type { LlamaShape } from "./llama-shape.ts";
import { vocabularyOf, weightsFor } from "./resume.ts";
import { textOf, tokenizeCorpus } from "./tokenize.ts";
import { learnVocabulary } from "./vocabulary.ts";

const BODY: Omit<LlamaShape, "vocab"> = { dim: 192, layers: 5, heads: 6, kvHeads: 2, ffn: 512, tied: true };
const MERGES = 2000;
/** On top of those of an earlier starter. */
const MORE_MERGES = 320;
const CONTEXT_TOKENS = 4096;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "rbee-starter") },
    out: { type: "string", default: "models/starter.gguf" },
    steps: { type: "string", default: "5400" },
    groups: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    from: { type: "string" },
    python: { type: "string", default: "python3" },
  },
});

mkdirSync(values.folder, { recursive: true });
if (Number(values.steps) > 0) {
  const { folder, from } = values;
  const groups = [...trainingGroups(Number(values.seed), Number(values.groups))];
  const known = from === undefined ? [] : (await vocabularyOf(from)).merges;
  const vocabulary = learnVocabulary(textOf(groups), from === undefined ? MERGES : MORE_MERGES, known);
  const made = await tokenizeCorpus(groups, BODY, { folder, contextTokens: CONTEXT_TOKENS, vocabulary });
  console.log(made);
  const earlier = join(folder, "earlier.bin");
  if (from !== undefined) writeFileSync(earlier, await weightsFor(from, made.shape, vocabulary));
  const trainer = join(import.meta.dirname, "train.py");
  const run = [trainer, folder, values.steps, values.seed, ...(from === undefined ? [] : [earlier])];
  const { status } = spawnSync(values.python, run, { stdio: "inherit" });
  if (status !== 0) throw new Error(`the trainer ended with ${status}`);
}
console.log(`${values.out}: ${exportStarter(values.folder, values.out)} bytes`);
