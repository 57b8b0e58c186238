/**
 * Goal: `rbee eval` asks each question in every way, leaves nothing behind, and tells what there is when it is stopped.
 * Method: the program as a child process, against a node of its own with the starter, and against a queen that tells
 *         recorded discussions.
 *
 * @see src/cli/commands/eval.ts, EC1; src/cli/eval/ask-all.ts, EA1 to EA3
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { waitUntil } from "../support/children.ts";
import { keeper } from "../support/keeper.ts";
import { startNode } from "../support/node-harness.ts";
import { playingQueen } from "../support/playing-queen.ts";
import { DISCUSSION, VOTE } from "../support/recorded-log.ts";
import { temporaryFolder } from "../support/temporary.ts";

const report = z.object({
  schemaVersion: z.literal(1),
  questions: z.int(),
  verdict: z.string(),
  modes: z.array(z.object({ mode: z.string(), right: z.int(), failed: z.int(), tokensEach: z.number() })),
  answers: z.array(z.object({ question: z.string(), answered: z.array(z.object({ mode: z.string() })) })),
});

function questions(...asked: readonly (readonly [question: string, answer: string])[]): string {
  const path = join(temporaryFolder(), "questions.jsonl");
  writeFileSync(path, asked.map(([question, answer]) => JSON.stringify({ question, answer })).join("\n"));
  return path;
}

test("EA1 EA3 on a node each sum is asked in each way, and nothing of it is among what was asked before", async () => {
  const node = await startNode();
  const { home } = node;
  const child = keeper(["eval", "--n", "2", "--modes", "alone,vote", "--json"], { home });
  expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
  const told = report.parse(JSON.parse(child.stdout));
  expect(told.questions).toBe(2);
  expect(told.answers.map(({ answered }) => answered.map(({ mode }) => mode))).toEqual([
    ["alone", "vote"],
    ["alone", "vote"],
  ]);
  // A vote asks several times what the queen asks once.
  const [alone, vote] = told.modes;
  expect(vote?.tokensEach).toBeGreaterThan(alone?.tokensEach ?? 0);
  expect(told.verdict).toContain("No difference can be claimed from 2 questions");
  const sessions = await node.call("GET", "/v2/sessions");
  expect(sessions.json()).toEqual({ schemaVersion: 1, sessions: [] });
});

test("EA2 what a discussion came to is told to no answer behind it", async () => {
  const { home } = await startNode();
  const tokensOf = async (modes: string): Promise<number | undefined> => {
    const child = keeper(["eval", "--n", "2", "--modes", modes, "--json"], { home });
    expect([await child.exitCode, child.stderr]).toEqual([0, ""]);
    return report.parse(JSON.parse(child.stdout)).modes.find(({ mode }) => mode === "alone")?.tokensEach;
  };
  const byItself = await tokensOf("alone");
  expect(await tokensOf("discuss,alone")).toBe(byItself);
});

test("EC1 Ctrl-C ends it with what every way has answered by then, and with 130", async () => {
  const waiting = [...DISCUSSION.slice(0, 4), { type: "until said" } as const, ...DISCUSSION.slice(4)];
  const queen = await playingQueen({ sum: VOTE, wait: waiting });
  const path = questions(["sum of 2 and 2", "4"], ["wait for it", "5"]);
  const child = keeper(["eval", path, "--modes", "vote"], { env: { RBEE_QUEEN: queen.url } });
  await waitUntil(() => queen.requests.length === 2, 30_000);
  child.process.kill("SIGINT");
  expect(await child.exitCode).toBe(130);
  expect(child.stdout).toMatch(/vote\s+1\/1/);
});

test("what is no set of questions is refused before anything is asked", async () => {
  const queen = await playingQueen({});
  const run = async (...args: readonly string[]) => {
    const child = keeper(["eval", ...args], { env: { RBEE_QUEEN: queen.url } });
    return [await child.exitCode, child.stderr] as const;
  };
  expect(await run(questions(["", "4"]))).toEqual([2, expect.stringContaining("questions.jsonl:1")]);
  expect(await run("--modes", "alone,debate")).toEqual([2, expect.stringContaining("alone, vote, discuss")]);
  expect(await run("--n", "0")).toEqual([2, expect.stringContaining("--n")]);
  expect(queen.requests).toEqual([]);
});
