/**
 * Goal: chats that begin alike are written once, and each can be put together again as it would stand alone.
 *
 * @see tools/starter/tokenize.ts
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Turn } from "../../../../tools/starter/corpus/example.ts";
import { tokenizeCorpus } from "../../../../tools/starter/tokenize.ts";
import { learnVocabulary } from "../../../../tools/starter/vocabulary.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const BODY = { dim: 64, layers: 1, heads: 2, kvHeads: 1, ffn: 64, tied: true };
const chat = (asked: string, answer: string): readonly Turn[] => [
  { role: "system", content: "You are one of several bees." },
  { role: "user", content: asked },
  { role: "assistant", content: answer },
];
const numbers = (folder: string, name: string): readonly number[] => {
  const bytes = readFileSync(join(folder, name));
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16LE(index * 2));
};

/** Each chat as it is read back. */
async function written(groups: readonly (readonly (readonly Turn[])[])[]): Promise<readonly (readonly number[])[]> {
  const folder = temporaryFolder();
  await tokenizeCorpus(groups, BODY, { folder, contextTokens: 64, vocabulary: learnVocabulary("the bees", 2) });
  const tokens = numbers(folder, "tokens.bin");
  const shared = numbers(folder, "shared.bin");
  let at = 0;
  let first: readonly number[] = [];
  return numbers(folder, "lengths.bin").map((length, index) => {
    const its = [...first.slice(0, shared[index]), ...tokens.slice(at, at + length)];
    at += length;
    if (shared[index] === 0) first = its;
    return its;
  });
}

test("chats of a group share their beginning, and lose nothing by it", async () => {
  const [one, other] = [chat("The question: left or right? Speak.", "Left."), chat("The question: left? Pass.", "No.")];
  const long = chat("The question: ".padEnd(1_200, "why "), "So.");
  const alone = await written([[one], [other], [one], [long], [other]]);
  expect(await written([[one, other, one, long, other]])).toEqual(alone);
});
