/**
 * Goal: what the team knows is told with all that one needs to forget it, and `/knowledge` does what it says.
 *
 * @see src/cli/repl/knowledge-text.ts, KT1 and KT2
 * @module
 */
import { describe, expect, test } from "vitest";
import { forgottenText, knowledgeCommand, knowledgeText, knownText } from "../../../../src/cli/repl/knowledge-text.ts";
import type { KnownView } from "../../../../src/protocol/knowledge-api.ts";

const known: KnownView = {
  id: "k1",
  about: "",
  text: `The cat is called \u001b[31mMiso. ${"And so on. ".repeat(20)}`,
  origin: { by: "user" },
  confidence: 1,
  label: "private",
  createdAt: "2026-01-02T03:04:05.000Z",
  accessedAt: "2026-01-02T03:04:05.000Z",
};
const agreed: KnownView = {
  ...known,
  id: "k2",
  about: "Which way?",
  text: "Left.",
  origin: { by: "discussion", session: "s1", discussion: "d1", seq: 9 },
  confidence: 0.66,
};

describe("what is known", () => {
  test("KT1 is told with its id and whence it is, within 80 columns, and without a terminal's commands", () => {
    const text = knowledgeText([known, agreed]);
    expect(text).toMatch(/^k1 {2}you said so, private\n {2}The cat is called Miso\./);
    expect(text).toContain("k2  66 % agreed in s1, private\n  Which way?\n  Left.");
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
    expect(text).not.toContain("\u001b");
  });

  test("KT2 and found is told with the way it was found", () => {
    const found = [{ ...agreed, score: 0.5, by: "words" as const }];
    expect(knownText({ schemaVersion: 1, found })).toMatch(/^k2 {2}50 % by words.*\n(.*\n)*.*no model is in memory/);
    expect(knownText({ schemaVersion: 1, model: "m", found: [] })).toBe(
      "nothing that is known is near to it (meanings were compared by m)",
    );
  });

  test("and forgotten is told with where it stood, and where its words are still kept", () => {
    const bare = { schemaVersion: 1, id: "k2", removed: true, redacted: [] } as const;
    expect(forgottenText({ ...bare, redacted: [] })).toBe("k2 is forgotten");
    const whole = forgottenText({ ...bare, redacted: ["s7"], session: "s1" });
    expect(whole).toContain("taken out of s7");
    expect(whole).toContain("rbee sessions remove s1");
  });
});

test.each([
  ["", "list"],
  ["the cat", "search the cat"],
  ["adders", "search adders"],
  ["add  The cat is called Miso.", "teach The cat is called Miso."],
  ["forget k1 ", "forget k1"],
  ["add", ""],
  ["forget", ""],
])("/knowledge %s asks for: %s", async (argument, asked) => {
  const done: string[] = [];
  await knowledgeCommand(argument, {
    async knowledge() {
      done.push("list");
      return [];
    },
    async searchKnowledge(text) {
      done.push(`search ${text}`);
      return { schemaVersion: 1, found: [] };
    },
    async teach(text) {
      done.push(`teach ${text}`);
      return "k1";
    },
    async forgetKnown(id) {
      done.push(`forget ${id}`);
      return { schemaVersion: 1, id, removed: true, redacted: [] };
    },
  });
  expect(done.join()).toBe(asked);
});
