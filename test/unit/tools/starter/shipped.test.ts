/**
 * Goal: the file that is shipped is the one its page speaks of, and it does the least a starter must do. The full
 * examination takes minutes and is run by hand: tools/starter/score.ts.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { getLlama, type Llama, LlamaChatSession, type LlamaModel, resolveChatWrapper } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { play } from "../../../../tools/starter/corpus/played.ts";
import { sampleOf, TEAM } from "../../../../tools/starter/corpus/team.ts";
import { TERMS } from "../../../../tools/starter/corpus/words.ts";
import { seeded } from "../../../../tools/starter/seeded.ts";

const SUM = { question: "What is 7 plus 12?", topic: "", truth: "7 plus 12 is 19.", short: "19" };
const FILE = "models/starter.gguf";
const PAGE = readFileSync("models/README.md", "utf8");

let llama: Llama;
let model: LlamaModel;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never" });
  model = await llama.loadModel({ modelPath: FILE });
});
afterAll(async () => llama.dispose());

async function ask(question: string, systemPrompt = ""): Promise<string> {
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  const session = new LlamaChatSession({ contextSequence: context.getSequence(), systemPrompt });
  const { responseText, stopReason } = await session.promptWithMeta(question, { temperature: 0, maxTokens: 100 });
  expect(stopReason).toBe("eogToken");
  await context.dispose();
  return responseText;
}

async function similarity(one: string, other: string): Promise<number> {
  const context = await model.createEmbeddingContext({ contextSize: 128, threads: 1 });
  const a = await context.getEmbeddingFor(one);
  const b = await context.getEmbeddingFor(other);
  await context.dispose();
  return a.calculateCosineSimilarity(b);
}

describe("the shipped starter model", () => {
  test("has the sha256 that its page states", () => {
    const sha256 = createHash("sha256").update(readFileSync(FILE)).digest("hex");
    expect(PAGE).toContain(sha256);
  });

  test("is small enough for a repository, says its licence and carries its chat template", () => {
    expect(statSync(FILE).size).toBeLessThan(3_000_000);
    expect(model.fileInfo.metadata.general.license).toBe("MIT");
    expect(resolveChatWrapper(model).wrapperName).toBe("ChatML");
    expect(model.trainContextSize).toBeGreaterThanOrEqual(2048);
  });

  test("knows what a hive is, and ends by itself", async () => {
    expect(await ask("What is a hive?")).toBe(TERMS.find(({ name }) => name === "hive")?.meaning);
  });

  test("says that it is only a starter when asked who it is or about the wide world", async () => {
    expect(await ask("Who are you?")).toContain("starter model");
    expect(await ask("What is the capital of France?")).toContain("only rbee's starter model");
  });

  test("answers a vote in the form of its step, and knows a small sum there", async () => {
    const { system, question } = sampleOf(SUM);
    expect(JSON.parse(await ask(question, system))).toMatchObject({ answer: "19" });
  });

  test("passes in the form of a bid when all have said the same, and has nothing to add", async () => {
    const bids = play(seeded(1), TEAM, SUM, []).filter(({ family }) => family === "bids");
    const moves = await Promise.all(bids.map(async ({ system, question }) => JSON.parse(await ask(question, system))));
    expect(moves.map(({ move }) => move)).toEqual(bids.map(() => "pass"));
  });

  test("embeds texts of like wording closer together than unlike ones", async () => {
    expect(await similarity("What is a hive?", "What is a hive?")).toBeCloseTo(1, 5);
    const like = await similarity("What is a hive?", "What is a worker?");
    expect(like).toBeGreaterThan(await similarity("What is a hive?", "Where is Germany?"));
  });
});
