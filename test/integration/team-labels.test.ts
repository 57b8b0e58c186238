/**
 * Goal: what is said under a label stays where that may be, and so does all that comes of it.
 * Method: a real node, and models on loopback that keep every byte they are sent; one of them is no part of the cluster
 * and may be given nothing but what is public.
 *
 * @see machines/README.md, TS11; test/support/keyed-node.ts
 * @module
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { KnownView } from "../../src/protocol/knowledge-api.ts";
import { waitUntil } from "../support/children.ts";
import { type Conducted, discussed, forkOf, type How, planned, type Says, sentFor } from "../support/conducted.ts";
import { ABROAD, KeyedNode } from "../support/keyed-node.ts";
import { refusalIn } from "../support/node-harness.ts";
import { exported, ofType } from "../support/team-node.ts";

/** They are summed up while they talk, and two of them are of the model abroad. */
let mixed: KeyedNode;
const [OUTSIDER, HOMEBODY] = ["outsider", "homebody"];

/** Not a word of these is public. */
const SECRETS = ["Zwitscherlein", "Blaumeise", "Kleiber"] as const;
const [TAUGHT, ASKED, THOUGHT] = SECRETS;
let sentBefore = 0;
let askedBefore = 0;
const says = (thought: string): Says => {
  const plan = planned({ divergent: ["speak"] });
  return (call) => {
    if (call.step === "vote") return JSON.stringify({ choice: call.choices[0], sure: 9 });
    return call.step === "bid" ? plan(call).replace("thought", thought) : plan(call);
  };
};
/** By the time that they vote it has been summed up. */
const summedUp: How["meanwhile"] = async ({ log, held }) => {
  const isSummed = (): boolean => log.some(({ type }) => type === "summary");
  if (held[0]?.step !== "vote" || isSummed()) return false;
  await waitUntil(isSummed, 5_000);
  return true;
};
const talk = (thought: string, asked: Parameters<typeof discussed>[2]): Promise<Conducted> =>
  discussed(mixed, { says: says(thought), meanwhile: summedUp }, asked);
const sentAbroad = (): string => JSON.stringify(mixed.abroad.server.work.slice(sentBefore).map(({ body }) => body));
/** What is public may be compared there with other things that are known; nobody is asked anything there. */
const expectKept = (): void => {
  expect(mixed.abroad.calls).toHaveLength(askedBefore);
  for (const word of SECRETS) expect(sentAbroad()).not.toContain(word);
};
const labelOf = ({ log }: Conducted): string | undefined => ofType(log, "opened")[0]?.label;

beforeAll(async () => {
  const abroad = `model: "${ABROAD}"`;
  mixed = await KeyedNode.start({ RBEE_TEAM_SUMMARY: "100ms" }, [
    { name: OUTSIDER, more: [abroad] },
    { name: HOMEBODY, more: [abroad, "place: local"] },
  ]);
  // Its worker is there from now on: what nobody may say to it is not kept from it by its absence.
  const its = await talk("nothing", { request: "What do herons eat?", privacy: "public" });
  expect(its.calls.map(({ agent }) => agent)).toContain(OUTSIDER);
  await mixed.node.worker(ABROAD, "idle");
  await mixed.node.call("DELETE", `/v2/sessions/${its.session}`);
  for (const [text, privacy] of [
    [`The canary eats ${TAUGHT} seeds, as canaries eat.`, "private"],
    ["The shop has a canary.", "public"],
  ]) {
    expect((await mixed.node.call("POST", "/v2/knowledge", { text, privacy })).status).toBe(201);
  }
}, 120_000);
afterAll(() => mixed.close());
beforeEach(() => {
  sentBefore = mixed.abroad.server.work.length;
  askedBefore = mixed.abroad.calls.length;
});

test.each([undefined, "internal", "private", "secret"] as const)(
  "TS11 what is said under the label %s leaves the cluster in no turn, summary, ballot or last word",
  async (privacy) => {
    const request = `What does the canary eat, and the ${ASKED}?`;
    const its = await talk(THOUGHT, { request, ...(privacy === undefined ? {} : { privacy }) });
    expectKept();
    expect(labelOf(its)).toBe(privacy ?? "private");
    expect(
      ofType(its.log, "failed")
        .map(({ agent, kind }) => `${agent} ${kind}`)
        .toSorted(),
    ).toEqual([HOMEBODY, HOMEBODY, OUTSIDER, OUTSIDER].map((name) => `${name} privacy.refused`));
    for (const type of ["summary", "ballot", "final"] as const) expect(ofType(its.log, type)).not.toEqual([]);
    expect(new Set(its.calls.map(({ step }) => step))).toEqual(
      new Set(["draft", "claims", "bid", "speak", "summary", "vote", "final"]),
    );
    const kept = await exported(mixed.node, its.session);
    expect(kept.log[0]).toEqual(its.log[0]);
    if (privacy !== "internal") expect(its.calls[0]?.prompt).toContain(TAUGHT);
    // What was learnt here is not given to the next.
    await mixed.node.call("DELETE", `/v2/sessions/${its.session}`);
  },
  60_000,
);

test("TS11 one whose models are all abroad is answered by nobody, and said to nobody", async () => {
  const its = await talk(THOUGHT, { model: ABROAD });
  expect(its.calls).toEqual([]);
  expect(ofType(its.log, "closing")[0]?.reason).toBe("all_failed");
  expectKept();
}, 60_000);

test("TS11 it stays there when it is asked as a model, and in what goes on from it; an unknown label is none", async () => {
  const its = await talk(THOUGHT, { request: `Where does the ${ASKED} live?` });
  const at = its.log.findIndex(({ type }) => type === "contributed");
  expect(labelOf(await talk(THOUGHT, forkOf(mixed, its, at)))).toBe("private");
  const plan = says(THOUGHT);
  mixed.box.instead = (call) => call.answer(plan(call));
  const messages = [{ role: "user", content: `Where does the ${ASKED} live?` }];
  const asked = { model: "queenbee:discuss", messages };
  expect((await mixed.node.call("POST", "/v1/chat/completions", asked)).status).toBe(200);
  mixed.box.instead = undefined;
  const unknown = await mixed.node.call("POST", "/v2/discussions", {
    request: ASKED,
    mode: "discuss",
    privacy: "hush",
  });
  expect(refusalIn(unknown)).toMatchObject({ status: 400, code: "request.invalid" });
  expectKept();
}, 60_000);

test("TS11 what is private is in no discussion of a lower label: not what was taught or learnt, nor said or thought before", async () => {
  const secret = await talk(THOUGHT, { request: `What does the canary sing, and the ${ASKED}?` });
  expect(ofType(secret.log, "closing")[0]?.reason).toBe("consensus");
  const known = async (): Promise<readonly KnownView[]> =>
    ((await mixed.node.call("GET", "/v2/knowledge")).json() as { knowledge: KnownView[] }).knowledge;
  await waitUntil(async () => (await known()).some(({ about }) => about.includes("sing")), 5_000);
  expectKept();
  const request = "What does the canary sing?";
  const its = await talk("nothing", { request, session: secret.session, privacy: "public" });
  const heard = [sentAbroad(), ...its.calls.map(({ body }) => body)].join("\n");
  for (const word of SECRETS) expect(heard).not.toContain(word);
  const [opened] = ofType(its.log, "opened");
  expect(opened).toMatchObject({ label: "public", before: [] });
  expect(opened?.memory).toBeUndefined();
  // Whoever is to stay here is asked as if it were private; nothing else keeps the others from being heard.
  expect(ofType(its.log, "failed").map(({ agent }) => agent)).toEqual([HOMEBODY, HOMEBODY]);
  expect(sentAbroad()).toContain("The shop has a canary.");
  const labels = new Map((await known()).map(({ id, label }) => [id, label]));
  expect(opened?.knowledge?.map(({ id }) => labels.get(id))).toEqual(["public"]);
  const more = await talk("nothing", { request: "And then?", session: secret.session });
  expect(ofType(more.log, "opened")[0]?.before).toHaveLength(2);
  expect(more.calls[0]?.prompt).toContain(ASKED);
  expect(sentFor(more, "critical").join(" ")).toContain(THOUGHT);
}, 60_000);
