/**
 * Goal: the team answers on a real node: a discussion runs to its last word, is heard whole, spoken into, stopped and
 * kept; and whoever knows a model by name can ask it. What is said is a tiny model's, and no test looks at a word.
 *
 * @see src/hosts/team, src/doors/team.ts; what happens to it in crashes is in team-crash.test.ts
 * @module
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DiscussionAccepted } from "../../src/protocol/discussion-api.ts";
import type { SessionsView } from "../../src/protocol/session-api.ts";
import { waitUntil } from "../support/children.ts";
import { refusalIn, startNode, type TestNode } from "../support/node-harness.ts";
import { troubles } from "../support/team-log.ts";
import { begin, exported, hearOut, hearUntil, listen, logIn, ofType } from "../support/team-node.ts";
import { randomModel } from "../support/tiny-models.ts";

let node: TestNode;
let end: () => Promise<void>;
const folder = mkdtempSync(join(tmpdir(), "rbee-team-"));

beforeAll(async () => {
  const env = { RBEE_TEAM_CONTRIBUTIONS_MAX: "1", RBEE_TEAM_IDLE: "300ms", RBEE_TEAM_SAMPLES: "3" };
  node = await startNode({ home: join(folder, "home"), env, lastly: (ending) => void (end = ending) });
}, 60_000);
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

const busySlots = async (): Promise<number> =>
  (await node.workers()).reduce((sum, { busySlots: busy }) => sum + busy, 0);

describe("a discussion", () => {
  test("TS1 TS5 TS7 runs from its question to its final word, and is heard, kept and exported as it was written", async () => {
    const asked = await begin(node, { request: "Which way shall we go?", mode: "discuss" });
    const all = await hearOut(node, asked.discussion);
    const log = logIn(all);
    expect(troubles(log)).toEqual([]);
    expect(log[0]).toMatchObject({ request: "Which way shall we go?", mode: "discuss", why: "it was asked for" });
    expect(new Set(ofType(log, "granted").map(({ agent }) => agent))).toEqual(
      new Set(["divergent", "convergent", "critical"]),
    );

    const again = await hearOut(node, asked.discussion, 3);
    expect(again.map(({ id }) => id)).toEqual(log.slice(4).map(({ seq }) => String(seq)));
    expect(logIn(again)).toEqual(log.slice(4));

    const session = await exported(node, asked.session);
    expect(session).toMatchObject({ discussion: asked.discussion, request: "Which way shall we go?", earlier: [] });
    expect(session.log).toEqual(log);
    const lines = log.map((event) => `${JSON.stringify(event)}\n`).join("");
    expect(session.hash).toBe(createHash("sha256").update(lines).digest("hex"));
    const { sessions } = (await node.call("GET", "/v2/sessions")).json() as SessionsView;
    const listed = sessions.find(({ session: name }) => name === asked.session);
    const [final] = ofType(log, "final");
    expect(listed?.asked).toEqual([expect.objectContaining({ discussion: asked.discussion, answer: final?.text })]);

    const over = await node.call("POST", `/v2/discussions/${asked.discussion}/say`, { text: "And now?" });
    expect(refusalIn(over)).toMatchObject({ status: 409, code: "discussion.over" });
  }, 60_000);

  test("TL6 AU1 TH1 what is said to it stands in its log where it was told, and who comes again hears each event once", async () => {
    const { discussion } = await begin(node, { request: "Which of three?", mode: "discuss" });
    const place = `/v2/discussions/${discussion}/say`;
    const said = await node.call("POST", place, { text: "It must be cheap.", to: "critical" });
    const muted = await node.call("POST", place, { order: "mute", agent: "divergent" });
    const longer = await node.call("POST", place, { order: "extend", seconds: 5 });
    const unknown = await node.call("POST", place, { order: "sing" });
    const first = logIn(await hearUntil(node, discussion, "contributed"));
    const log = [...first, ...logIn(await hearOut(node, discussion, first.at(-1)?.seq))];
    expect(troubles(log)).toEqual([]);
    const at = (reply: typeof said): unknown => log[(reply.json() as { seq: number }).seq];
    expect(at(said)).toMatchObject({ type: "user", text: "It must be cheap.", to: "critical" });
    expect(at(muted)).toMatchObject({ type: "ordered", order: "mute", agent: "divergent" });
    expect(at(longer)).toMatchObject({ type: "ordered", order: "extend", ms: 5_000 });
    expect(unknown.status).toBe(400);
  }, 60_000);

  test("TS17 stopped by the user says so, keeps what was said by then, and leaves no job running", async () => {
    const model = `file:${randomModel({ endless: true })}`;
    const { discussion } = await begin(node, { request: "What is a hive?", mode: "discuss", model });
    for await (const { event } of listen(node, discussion)) if (event.type === "token") break;
    const stopped = await node.call("POST", `/v2/discussions/${discussion}/say`, { order: "stop" });
    expect(stopped.status).toBe(200);
    const log = logIn(await hearOut(node, discussion));
    expect(troubles(log)).toEqual([]);
    expect(ofType(log, "closing")).toEqual([expect.objectContaining({ reason: "cancelled" })]);
    expect(ofType(log, "cancelled").length).toBeGreaterThan(0);
    expect(ofType(log, "cancelled").some(({ partial }) => partial !== "")).toBe(true);
    expect(ofType(log, "late")).toEqual([]);
    await waitUntil(async () => (await busySlots()) === 0, 10_000);
  }, 60_000);

  test("TD4 two at once stay apart, and a session's next question has the one before", async () => {
    const model = `file:${randomModel({ seed: 2 })}`;
    const [one, other] = await Promise.all([
      begin(node, { request: "The first?", mode: "vote" }),
      begin(node, { request: "The second?", mode: "alone", model }),
    ]);
    const [first, second] = (await Promise.all([hearOut(node, one.discussion), hearOut(node, other.discussion)])).map(
      logIn,
    );
    for (const log of [first, second]) expect(troubles(log ?? [])).toEqual([]);
    expect(first?.every((event) => !("agent" in event) || event.agent.startsWith("sample-"))).toBe(true);
    expect(ofType(second ?? [], "granted").map(({ kind }) => kind)).toEqual(["answer"]);
    const next = await begin(node, { request: "And then?", mode: "alone", session: other.session, model });
    const [opened] = logIn(await hearOut(node, next.discussion));
    const answer = ofType(second ?? [], "final")[0]?.text;
    expect(opened).toMatchObject({ before: [{ request: "The second?", answer }] });
    expect((await exported(node, other.session)).earlier).toMatchObject([{ discussion: other.discussion }]);
  }, 60_000);

  test("TE8 TH4 asked again under the same Idempotency-Key is the one that was begun, at once and when it is over", async () => {
    const headers = { "idempotency-key": "once" };
    const asked = { request: "Which of the two?", mode: "vote" };
    const ask = async (its: Readonly<Record<string, string>>): Promise<DiscussionAccepted> => {
      const reply = await node.call("POST", "/v2/discussions", asked, its);
      expect(reply.status).toBe(202);
      return reply.json() as DiscussionAccepted;
    };
    const before = ((await node.call("GET", "/v2/sessions")).json() as SessionsView).sessions.length;
    const [one, same] = await Promise.all([ask(headers), ask(headers)]);
    expect(same).toEqual(one);
    expect(troubles(logIn(await hearOut(node, one.discussion)))).toEqual([]);
    expect(await ask(headers)).toEqual(one);
    const other = await ask({ "idempotency-key": "twice" });
    expect(other.discussion).not.toBe(one.discussion);
    await hearOut(node, other.discussion);
    expect(((await node.call("GET", "/v2/sessions")).json() as SessionsView).sessions).toHaveLength(before + 2);
    const long = await node.call("POST", "/v2/discussions", asked, { "idempotency-key": "w".repeat(256) });
    expect(refusalIn(long)).toMatchObject({ status: 400, code: "request.invalid" });
  }, 60_000);

  test("is not found where there is none", async () => {
    const missing = await node.call("GET", "/v2/discussions/d00/events");
    const unsaid = await node.call("POST", "/v2/discussions/d00/say", { text: "Hello?" });
    const unkept = await node.call("GET", "/v2/sessions/s00");
    for (const reply of [unsaid, unkept]) expect(refusalIn(reply)).toMatchObject({ code: "request.not.found" });
    expect([missing.status, unsaid.status, unkept.status]).toEqual([404, 404, 404]);
  });
});

describe("the team as a model", () => {
  test.each(["queenbee", "queenbee:alone", "queenbee:vote", "queenbee:discuss"])(
    "%s answers a chat",
    async (model) => {
      const messages = [{ role: "user", content: "What is a hive?" }];
      const reply = await node.call("POST", "/v1/chat/completions", { model, messages, max_tokens: 40 });
      expect(reply.status).toBe(200);
      const { choices } = reply.json() as { choices: { message: { content: string }; finish_reason: string }[] };
      expect(choices).toHaveLength(1);
      expect(choices[0]?.message.content).not.toBe("");
      await waitUntil(async () => (await busySlots()) === 0, 10_000);
    },
    60_000,
  );
});

describe("a specialist of the user's own", () => {
  test("specialist.invalid: whose file is wrong is told by its name, before anything begins", async () => {
    const own = join(node.home, "specialists");
    mkdirSync(own, { recursive: true });
    const file = join(own, "critical.md");
    writeFileSync(file, "---\nname: critical\nduty: doubts\ncolor: red\n---\nDoubt it.\n");
    const reply = await node.call("POST", "/v2/discussions", { request: "Which?", mode: "discuss" });
    expect(refusalIn(reply)).toMatchObject({
      status: 422,
      code: "specialist.invalid",
      details: { file, key: "color" },
    });
    writeFileSync(file, "---\nname: critical\nduty: doubts\ncolour: red\n---\nDoubt it.\n");
    const told = (await node.call("GET", "/v2/specialists")).json() as {
      specialists: { name: string; duty: string }[];
    };
    expect(told.specialists.find(({ name }) => name === "critical")?.duty).toBe("doubts");
  });

  test("TK1 whoever has a file is in the next discussion, and nobody has to name her", async () => {
    const own = join(node.home, "specialists");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "lawyer.md"), "---\nname: lawyer\nduty: knows the law\n---\nName the law.\n");
    const { discussion } = await begin(node, { request: "Which?", mode: "discuss" });
    for await (const { event } of listen(node, discussion)) {
      if (event.type !== "opened") continue;
      expect(event.agents.map(({ name }) => name)).toEqual(["divergent", "convergent", "critical", "lawyer"]);
      break;
    }
    rmSync(join(own, "lawyer.md"));
  });
});
