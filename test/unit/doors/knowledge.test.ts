/**
 * Goal: what the team knows is told to its owner, whole, and to nobody else.
 *
 * @see src/doors/knowledge.ts, KH1 and KH2
 * @module
 */
import { describe, expect, test } from "vitest";
import { knowledgeRoutes, type KnowledgeSeat } from "../../../src/doors/knowledge.ts";
import type { KnownView } from "../../../src/protocol/knowledge-api.ts";
import type { Answer, Call } from "../../../src/protocol/route.ts";

const KNOWN: KnownView = {
  id: "k1",
  about: "Which way?",
  text: "Left.",
  origin: { by: "discussion", session: "s1", discussion: "d1", seq: 9 },
  confidence: 0.67,
  label: "internal",
  createdAt: "2026-01-02T03:04:05.000Z",
  accessedAt: "2026-02-02T03:04:05.000Z",
};

function stage() {
  const done: string[] = [];
  const seat: KnowledgeSeat = {
    list: async () => [KNOWN],
    async search(text, limit) {
      done.push(`search ${text} ${limit}`);
      return { schemaVersion: 1, found: [{ ...KNOWN, score: 1, by: "words" }] };
    },
    async teach(text, label) {
      done.push(`teach ${text} ${label}`);
      return "k2";
    },
    async forget(id) {
      done.push(`forget ${id}`);
      return { schemaVersion: 1, id, removed: true, redacted: [] };
    },
  };
  const call = async (method: string, path: string, made: Partial<Call> = {}): Promise<Answer> => {
    const route = knowledgeRoutes(seat).find((each) => each.method === method && each.path === path);
    const bare = { query: {}, headers: {}, body: undefined, local: false, signal: new AbortController().signal };
    if (route === undefined) throw new Error(`no ${method} ${path}`);
    return route.handle({ params: { id: "k1" }, ...bare, ...made });
  };
  return { call, done };
}

const BODIES = { "/v2/knowledge": { text: "Left." }, "/v2/knowledge/search": { text: "Which?" } } as const;

describe("what the team knows", () => {
  test.each([
    ["GET", "/v2/knowledge"],
    ["GET", "/v2/knowledge/export"],
    ["POST", "/v2/knowledge"],
    ["POST", "/v2/knowledge/search"],
    ["DELETE", "/v2/knowledge/:id"],
  ])("KH1 %s %s is the owner's: an API key neither reads nor changes it", async (method, path) => {
    const { call, done } = stage();
    const body = Object.entries(BODIES).find(([of]) => of === path)?.[1];
    await expect(call(method, path, { body, caller: { requestId: "r1", key: "k1" } })).rejects.toMatchObject({
      code: "request.forbidden",
    });
    expect(done).toEqual([]);
    await expect(call(method, path, { body, caller: { requestId: "r1" } })).resolves.toBeDefined();
  });

  test("KH2 is a document that has every word of it, and whence it is known", async () => {
    const { call } = stage();
    const answer = await call("GET", "/v2/knowledge/export");
    const text = "text" in answer ? answer.text : "";
    for (const part of ["k1", "Which way?", "Left.", "67 % agreed in d1 of session s1, event 9", "internal"]) {
      expect(text).toContain(part);
    }
  });

  test("is taught as private where nobody says otherwise, and nothing that is empty or too long", async () => {
    const { call, done } = stage();
    await call("POST", "/v2/knowledge", { body: { text: " Left. " } });
    await call("POST", "/v2/knowledge", { body: { text: "Left.", privacy: "public" } });
    expect(done).toEqual(["teach Left. private", "teach Left. public"]);
    for (const body of [{ text: "  " }, { text: "x".repeat(2_001) }, { text: "x", privacy: "open" }, {}]) {
      await expect(call("POST", "/v2/knowledge", { body })).rejects.toMatchObject({ code: "request.invalid" });
    }
  });
});
