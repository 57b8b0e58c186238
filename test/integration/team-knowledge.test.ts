/**
 * Goal: what a team learnt in one discussion it knows in the next, also behind a restart; what an agent kept for itself
 * is known to that agent alone, and to nobody behind one; and what is forgotten is nowhere.
 * Method: a real node, and a server of models on loopback that discuss as they are told to.
 *
 * @see machines/knowledge.ts, machines/agent.ts, src/hosts/team/knowledge.ts
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Logged } from "../../machines/rules/log.ts";
import type { FoundView, KnownForgotten, KnownView } from "../../src/protocol/knowledge-api.ts";
import { AGREEING, AgreeingModels, thoughtOf } from "../support/agreeing-models.ts";
import { waitUntil } from "../support/children.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";
import { troubles } from "../support/team-log.ts";
import { begin, exported, hearOut, logIn, ofType } from "../support/team-node.ts";
import { temporaryHome } from "../support/temporary.ts";

const QUESTION = "Which database shall we use for the shop?";
const CONCLUSION = "Postgres, on the machine called bumble.";
const AGENTS = ["divergent", "convergent", "critical"] as const;

let node: TestNode;
let models: AgreeingModels;
let again: () => Promise<void>;

beforeAll(async () => {
  models = await AgreeingModels.start();
  const { home, remove } = temporaryHome();
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "config.yaml"), `endpoints:\n  box: {url: "${models.server.url}"}\n`);
  const ends: (() => Promise<void>)[] = [];
  const env = { RBEE_TEAM_IDLE: "300ms" };
  const start = async (): Promise<void> => {
    node = await startNode({ home, env, lastly: (end) => void ends.push(end) });
  };
  again = async () => {
    await node.stop();
    await start();
  };
  await start();
  return async () => {
    for (const end of ends) await end();
    await models.server.close();
    remove();
  };
}, 60_000);

const known = async (): Promise<readonly KnownView[]> =>
  ((await node.call("GET", "/v2/knowledge")).json() as { knowledge: KnownView[] }).knowledge;

/** @returns the log of it, and its session */
async function discussed(request: string, session?: string) {
  const asked = { request, mode: "discuss", model: AGREEING, ...(session === undefined ? {} : { session }) } as const;
  const begun = await begin(node, asked);
  const log = logIn(await hearOut(node, begun.discussion));
  expect(troubles(log)).toEqual([]);
  const [opened] = ofType(log, "opened");
  return { ...begun, log, opened: opened as Logged<"opened"> };
}

describe("a team that discusses", () => {
  let session: string;

  test("LU1 LU2 learns what it agreed on, whence, and how many did", async () => {
    models.conclusion = CONCLUSION;
    const first = await discussed(QUESTION);
    session = first.session;
    expect(ofType(first.log, "closing")).toMatchObject([{ reason: "consensus" }]);
    await waitUntil(async () => (await known()).length === 1, 5_000);
    const [{ about, text, confidence, origin }] = (await known()) as [KnownView];
    expect({ about, text, confidence }).toEqual({ about: QUESTION, text: CONCLUSION, confidence: 1 });
    const [final] = ofType(first.log, "final");
    expect(origin).toEqual({ by: "discussion", session, discussion: first.discussion, seq: final?.seq });
  }, 60_000);

  test("LY3 TS10 has each agent its own notes from one discussion of a session to the next, and no other's", async () => {
    const from = models.prompts.length;
    const { opened } = await discussed("And what shall its cat be called?", session);
    expect(opened.memory?.map(({ agent }) => agent).toSorted()).toEqual(AGENTS.toSorted());
    for (const { agent, notes } of opened.memory ?? []) {
      const its = models.prompts.slice(from).filter((prompt) => prompt.includes(`You are ${agent}.`));
      expect(its.length).toBeGreaterThan(1);
      for (const prompt of its) expect(prompt).toContain(`<<<\n${notes.join("\n")}`);
      for (const other of AGENTS.filter((name) => name !== agent)) {
        for (const prompt of its) expect(prompt).not.toContain(thoughtOf(other));
      }
    }
    // Who spoke last was not asked whether it had more to say.
    const thoughts = AGENTS.filter((agent) => JSON.stringify(opened.memory).includes(thoughtOf(agent)));
    expect(thoughts).toHaveLength(2);
  }, 60_000);

  test("KN1 AG2 TS9 TS19 knows it behind a restart where it belongs, and its agents remember nothing", async () => {
    await again();
    const from = models.prompts.length;
    const next = await discussed("Who cares for the database of the shop?", session);
    expect(next.opened.knowledge).toMatchObject([{ text: `${QUESTION}\n${CONCLUSION}` }]);
    expect(next.opened.memory).toBeUndefined();
    expect(next.opened.before).not.toEqual([]);
    const prompts = models.prompts.slice(from);
    expect(prompts.length).toBeGreaterThan(3);
    for (const prompt of prompts) expect(prompt).toContain(`<<<\n${QUESTION}\n${CONCLUSION}\n>>>`);
    const other = await discussed("What do herons eat?");
    expect(other.opened.knowledge).toBeUndefined();
  }, 60_000);
});

describe("what the user teaches", () => {
  test("KS3 KN2 is found, given, told as a document, and once forgotten is in no answer and in no file", async () => {
    const canary = "The canary of the shop is called Zwitscherlein.";
    const told = await node.call("POST", "/v2/knowledge", { text: canary });
    expect(told.status).toBe(201);
    const { id } = told.json() as { id: string };
    const search = async (text: string): Promise<FoundView> =>
      (await node.call("POST", "/v2/knowledge/search", { text })).json() as FoundView;
    expect((await search("what is the canary called?")).found).toMatchObject([{ id, by: "words" }]);
    expect((await node.call("GET", "/v2/knowledge/export")).text).toContain(canary);

    const { session, opened } = await discussed("What does the canary eat?");
    expect(opened.knowledge).toContainEqual({ id, text: canary });
    const gone = (await node.call("DELETE", `/v2/knowledge/${id}`)).json() as KnownForgotten;
    expect(gone).toEqual({ schemaVersion: 1, id, removed: true, redacted: [session] });

    expect((await search("what is the canary called?")).found.map((one) => one.id)).not.toContain(id);
    const { log } = await exported(node, session);
    expect(ofType(log, "opened")[0]?.knowledge).toContainEqual({ id, text: "" });
    for (const text of [JSON.stringify(await known()), JSON.stringify(log), ...sessionFiles()]) {
      expect(text).not.toContain("Zwitscherlein");
    }
    expect(refusalIn(await node.call("DELETE", `/v2/knowledge/${id}`))).toMatchObject({ code: "request.not.found" });
  }, 60_000);

  test("KN3 what was learnt in a session goes with it", async () => {
    models.conclusion = "Tulips.";
    const { session } = await discussed("Which flowers shall the shop sell?");
    await waitUntil(async () => (await known()).some(({ text }) => text === "Tulips."), 5_000);
    expect((await node.call("DELETE", `/v2/sessions/${session}`)).status).toBe(200);
    expect((await known()).map(({ text }) => text)).not.toContain("Tulips.");
  }, 60_000);
});

/** As they lie on the disk. */
const sessionFiles = (): readonly string[] => {
  const folder = join(node.home, "data", "sessions");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
};
