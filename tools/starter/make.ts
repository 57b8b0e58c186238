/**
 * The whole chain: corpus, vocabulary, tokens, training, file.
 *
 * Usage: node tools/starter/make.ts [--folder DIR] [--out FILE] [--steps N] [--chats N] [--seed N] [--python PATH]
 * The defaults are those of the shipped file. `--steps 0` exports the weights that are already in the folder.
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
import { tokenizeCorpus } from "./tokenize.ts";

const BODY: Omit<LlamaShape, "vocab"> = { dim: 192, layers: 5, heads: 6, kvHeads: 2, ffn: 512, tied: true };
const MERGES = 2000;
const CONTEXT_TOKENS = 4096;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "rbee-starter") },
    out: { type: "string", default: "models/starter.gguf" },
    steps: { type: "string", default: "4600" },
    chats: { type: "string", default: "150000" },
    seed: { type: "string", default: "1" },
    python: { type: "string", default: "python3" },
  },
});

mkdirSync(values.folder, { recursive: true });
if (Number(values.steps) > 0) {
  const chats = [...trainingChats(Number(values.seed), Number(values.chats))];
  console.log(
    await tokenizeCorpus(chats, BODY, { folder: values.folder, mergeCount: MERGES, contextTokens: CONTEXT_TOKENS }),
  );
  const trainer = join(import.meta.dirname, "train.py");
  const { status } = spawnSync(values.python, [trainer, values.folder, values.steps, values.seed], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`the trainer ended with ${status}`);
}
console.log(`${values.out}: ${exportStarter(values.folder, values.out)} bytes`);
