/**
 * Goal: what is changed about a discussion changes in its log what it should, and nothing else: a crash, other names,
 * somebody who passes, other times, more patience, more money, another order of votes.
 * Method: real nodes, and models that answer what they read; the same discussion again with one thing changed.
 *
 * @see machines/README.md, TD2 TD5 TD6 TD7 TD8 TD10; test/support/conducted.ts
 * @module
 */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endsTurn, type LogEvent } from "../../machines/rules/log.ts";
import { waitUntil } from "../support/children.ts";
import {
  type Conducted,
  discussed,
  type How,
  inTurn,
  plainLog,
  QUESTION,
  planned,
  type Quiet,
  type Says,
  wordsIn,
} from "../support/conducted.ts";
import { isDeepStrictEqual } from "node:util";
import { standingOf } from "../../machines/rules/standing.ts";
import { next } from "../../machines/rules/discuss.ts";
import { ABROAD, KeyedNode } from "../support/keyed-node.ts";
import type { HeardCall } from "../support/keyed-models.ts";
import { keeper } from "../support/keeper.ts";
import { begin, listen, ofType } from "../support/team-node.ts";

const has = (log: readonly LogEvent[], type: LogEvent["type"]): boolean => log.some((event) => event.type === type);

/** Words have numbers, and whoever passes has some of them. */
const unnumbered = ({ prompt }: HeardCall): string => prompt.replaceAll(/^\[\d+\] /gm, "");

const passer = (call: HeardCall): boolean => call.agent === "passer";
/** It is answered first, last, and in turn. */
const RANKS: readonly NonNullable<How["rank"]>[] = [
  (call) => (passer(call) ? 0 : 1),
  (call) => (passer(call) ? 1 : 0),
  () => 0,
];

/** TD6: what these read and said, and why it is over, and when. */
function expectUnmoved(beside: Conducted, alone: Conducted, names: readonly string[]): void {
  expect(wordsIn(beside)).toEqual(wordsIn(alone));
  expect(ofType(beside.log, "passed").some(({ agent }) => agent === "passer")).toBe(true);
  for (const one of names) {
    const read = ({ calls }: Conducted) => calls.filter(({ agent }) => agent === one).map(unnumbered);
    expect(read(beside)).toEqual(read(alone));
  }
  // It may be at one when the last of the others is done; then it is asked about the newest words.
  const done = beside.log.findLastIndex((event) => endsTurn(event) && event.agent !== "passer");
  expect(ofType(beside.log.slice(done), "granted").length).toBeLessThanOrEqual(1);
  const reasonOf = ({ log }: Conducted) => ofType(log, "closing").map(({ reason }) => reason);
  expect(reasonOf(beside)).toEqual(reasonOf(alone));
}

describe("a structured discussion", () => {
  let its: KeyedNode;
  /** What it is compared with. */
  let plain: Conducted;
  /** The same over a node that was cut off, also behind the word of a ballot. */
  let killed: Conducted;
  /** No order of names is the order of these seats in both. */
  const NAMES = { ann: "zoe", ben: "mia", cat: "abe" } as const;
  const OTHERS: Readonly<Record<string, string>> = { zoe: "ann", mia: "ben", abe: "cat" };
  const BODIES = ["Widen it.", "Narrow it.", "Doubt it."];
  const ENV = { RBEE_TEAM_QUORUM: "all", RBEE_TEAM_SPECIALISTS: "ann,ben,cat" };
  const named = (name: string | undefined): string => OTHERS[name ?? ""] ?? name ?? "";

  /** Whoever reads the same but for names says the same. */
  const namelessly = ({ prompt }: HeardCall): string => prompt.replaceAll(/\b(?:zoe|mia|abe)\b/g, named);
  const says = (): Says => {
    const plan = planned({ ann: ["speak", "speak"], ben: ["object"], cat: ["pass", "speak"] }, namelessly);
    return (call) => plan({ ...call, agent: named(call.agent) });
  };

  /** @param sure how sure ben, who wins, is */
  function voting(order: readonly string[] = Object.keys(NAMES), sure = 6): How {
    const votes = { ann: ["ann", 3], ben: ["ben", sure], cat: ["ben", 4] } as const;
    const plan = says();
    return {
      rank: ({ step, agent }) => (step === "vote" ? order.indexOf(named(agent)) : 0),
      says(call) {
        if (call.step !== "vote") return plan(call);
        const [mine, much] = votes[named(call.agent) as keyof typeof votes];
        return JSON.stringify({ choice: call.choices.find((name) => named(name) === mine), sure: much });
      },
    };
  }

  beforeAll(async () => {
    const seats = Object.entries(NAMES).flatMap(([name, other], at) =>
      [name, other].map((each) => ({ name: each, body: BODIES[at] ?? "" })),
    );
    its = await KeyedNode.start(ENV, seats);
    plain = await discussed(its, voting());
    for (const type of ["objection", "passed", "ballot", "claims"] as const) expect(has(plain.log, type)).toBe(true);
  }, 120_000);
  afterAll(() => its.close());

  /** Of its session, told again by the program of a person. */
  async function toldAgain({ session }: Conducted): Promise<unknown> {
    const replay = keeper(["sessions", "replay", session, "--json"], { home: its.home });
    expect(await replay.exitCode, replay.stderr).toBe(0);
    return JSON.parse(replay.stdout);
  }

  test("TD2 cut off anywhere by the end of its node goes on to the same log, and that is the whole of it", async () => {
    const plan = voting();
    const cuts: ((quiet: Quiet) => boolean)[] = [
      ({ log, held }) => has(log, "contributed") && held.some(({ step }) => step === "claims"),
      ({ log, held }) => has(log, "objection") && held.some(({ step }) => step === "speak"),
      ({ held: [first] }) => {
        if (first?.step !== "vote") return false;
        // It is told by then, and nobody knows whether it was heard: it may be told again.
        first.answer(plan.says(first));
        return true;
      },
    ];
    killed = await discussed(its, {
      ...plan,
      async meanwhile(quiet) {
        if (cuts[0]?.(quiet) !== true) return false;
        cuts.shift();
        await its.cutOff(ENV);
        return true;
      },
    });
    expect(cuts).toEqual([]);
    expect(plainLog(killed)).toEqual(plainLog(plain));
    const sentIn = ({ calls }: Conducted): ReadonlySet<string> => new Set(calls.map(({ body }) => body));
    expect(sentIn(killed)).toEqual(sentIn(plain));
    const lines = killed.log.map((event) => `${JSON.stringify(event)}\n`).join("");
    const hash = createHash("sha256").update(lines).digest("hex");
    expect(await toldAgain(killed)).toMatchObject({ same: true, events: killed.log.length, hash });
  }, 120_000);

  const tallyOf = ({ log }: Conducted) =>
    ofType(log, "tallied").map(({ winner, agreement, reached }) => ({ winner, agreement, reached }));

  test("TD10 has one outcome of one vote: in any order, surer of the winner, and with a ballot that is told twice", async () => {
    const others = await inTurn(
      [[["cat", "ben", "ann"], 6] as const, [["ben", "cat", "ann"], 10] as const],
      ([order, sure]) => discussed(its, voting(order, sure)),
    );
    expect(others.map(({ log }) => ofType(log, "ballot")[0]?.agent)).toEqual(["cat", "ben"]);
    for (const one of [plain, killed, ...others]) {
      expect(tallyOf(one)).toEqual([{ winner: "ben", agreement: 2 / 3, reached: false }]);
      expect(
        ofType(one.log, "ballot")
          .map(({ agent }) => agent)
          .toSorted(),
      ).toEqual(Object.keys(NAMES));
    }
  }, 60_000);

  test("TD5 has other names in it, and nothing else, where its thinkers have other names", async () => {
    await its.again({ ...ENV, RBEE_TEAM_SPECIALISTS: "zoe,mia,abe" });
    const renamed = await discussed(its, voting());
    expect(ofType(renamed.log, "opened")[0]?.agents.map(({ name }) => name)).toEqual(Object.values(NAMES));
    expect(plainLog(renamed, OTHERS)).toEqual(plainLog(plain));
    const sentIn = ({ calls }: Conducted): readonly string[] => calls.map(namelessly).toSorted();
    expect(sentIn(renamed)).toEqual(sentIn(plain));
  }, 60_000);

  test("TD6 has nobody's words, claims or objections otherwise for somebody who never has any", async () => {
    const moves = { ann: ["speak", "speak"], ben: ["object"], cat: ["pass", "speak"] } as const;
    const plan = (): Says => {
      const thinking = planned(moves, unnumbered);
      return (call) => {
        // They never agree: what they did would be known to the next of them.
        if (call.step === "vote") return JSON.stringify({ choice: call.agent === "ann" ? "ann" : "ben", sure: 5 });
        // A draft without a word is no draft.
        return call.agent === "passer" && call.step === "draft" ? "" : thinking(call);
      };
    };
    await its.again(ENV);
    const alone = await discussed(its, { says: plan() });
    for (const type of ["objection", "claims", "tallied"] as const) expect(has(alone.log, type)).toBe(true);
    its.seat({ name: "passer" });
    await its.again({ ...ENV, RBEE_TEAM_SPECIALISTS: "ann,passer,ben,cat" });
    for (const rank of RANKS) {
      const beside = await discussed(its, { says: plan(), rank });
      expectUnmoved(beside, alone, ["ann", "ben", "cat"]);
      expect(ofType(beside.log, "failed")).toMatchObject([{ agent: "passer", kind: "thinker.empty" }]);
      const thoughtsIn = ({ log }: Conducted) => [
        ofType(log, "claims").map(({ agent, list }) => [agent, list.map(({ text }) => text)]),
        ofType(log, "objection").map(({ agent, quote, error }) => [agent, quote, error]),
        ofType(log, "tallied").map(({ winner, reached }) => [winner, reached]),
        ofType(log, "final").map(({ text }) => text),
      ];
      expect(thoughtsIn(beside)).toEqual(thoughtsIn(alone));
    }
    its.unseat("passer");
  }, 60_000);

  /** From where on it is another one, because there it could not pay what the other paid. */
  function refusedAt({ log }: Conducted, tokensMax: number): number {
    const [poor, rich] = [plainLog({ log }), plainLog(plain)];
    const at = poor.findIndex((event, seq) => seq > 0 && !isDeepStrictEqual(event, rich[seq]));
    const refused = plain.log[at];
    const standing = standingOf(plain.log.slice(0, at));
    const turns = refused?.type === "polled" ? refused.voters.length : 1;
    expect(["granted", "polled"]).toContain(refused?.type);
    const { settledTokens = 0, reservedTokens = 0, opened } = standing ?? {};
    expect(settledTokens + reservedTokens + turns * (opened?.config.turnTokensMax ?? 0)).toBeGreaterThan(tokensMax);
    return at;
  }

  test("TD8 with a larger budget is the same until the smaller one refuses something, and refuses nothing earlier", async () => {
    const refused = await inTurn([600, 1_000], async (tokensMax) => {
      await its.again({ ...ENV, RBEE_TEAM_TOKENS_MAX: String(tokensMax) });
      const poor = await discussed(its, voting());
      return refusedAt(poor, tokensMax);
    });
    expect(refused[0]).toBeGreaterThan(0);
    expect(refused[1]).toBeGreaterThan(refused[0] ?? Infinity);
  }, 60_000);
});

describe("a discussion of whoever has news", () => {
  let its: KeyedNode;
  const ENV = { RBEE_TEAM_STYLE: "free", RBEE_TEAM_SAMPLES: "3" };
  beforeAll(async () => void (its = await KeyedNode.start(ENV)), 120_000);
  afterAll(() => its.close());
  const moves = {
    divergent: ["pass", "speak", "speak"],
    convergent: ["speak", "pass", "speak"],
    critical: ["speak"],
  } as const;
  const LATER = "It must be cheap.";

  test("TD6 has nobody's words otherwise for somebody who always passes, and waits at its end for one bid of its", async () => {
    const alone = await discussed(its, { says: planned(moves, unnumbered) });
    expect(wordsIn(alone).length).toBeGreaterThan(3);
    its.seat({ name: "passer" });
    for (const rank of RANKS) {
      const beside = await discussed(its, { says: planned(moves, unnumbered), rank });
      expectUnmoved(beside, alone, ["divergent", "convergent", "critical"]);
    }
    its.unseat("passer");
  }, 60_000);

  /** Of a vote: what each says, by the turn that it has. */
  const answering = (answers: readonly (readonly [string, number])[], order: readonly number[] = []): How => ({
    rank: ({ seed }) => order.indexOf(seed),
    says({ seed }) {
      const [answer, sure] = answers[seed - 1] ?? ["", 0];
      return JSON.stringify({ steps: "", answer, sure });
    },
  });
  const outcomeOf = ({ log }: Conducted) => [
    ofType(log, "tallied").map(({ winner, agreement, reached }) => ({ winner, agreement, reached })),
    ofType(log, "final").map(({ text }) => text),
    ofType(log, "closing").map(({ reason }) => reason),
  ];

  test("TD6 of a vote has no sample otherwise for one that never has an answer, and tries that twice", async () => {
    const ANSWERS = ["42", "41", "42"];
    /** @param mute which of them has no answer */
    async function voted(mute?: number): Promise<Conducted> {
      let log: readonly LogEvent[] = [];
      return discussed(
        its,
        {
          async meanwhile(quiet) {
            log = quiet.log;
            return false;
          },
          says({ seed }) {
            const [grant] = ofType(log, "granted").filter(({ turn }) => turn === seed);
            const at = ofType(log, "opened")[0]?.agents.findIndex(({ name }) => name === grant?.agent) ?? 0;
            if (at === mute) return JSON.stringify({ steps: "", answer: "", sure: 9 });
            return JSON.stringify({ steps: "", answer: ANSWERS[at - Number(at > (mute ?? Infinity))], sure: 5 });
          },
        },
        { mode: "vote", privacy: "public" },
      );
    }
    const promptsIn = ({ calls }: Conducted) => [...new Set(calls.map(({ prompt }) => prompt))];
    const alone = await voted();
    expect(outcomeOf(alone)[2]).toEqual(["consensus"]);
    await its.again({ ...ENV, RBEE_TEAM_SAMPLES: "4" });
    for (const mute of [0, 1, 3]) {
      const beside = await voted(mute);
      const textsIn = ({ log }: Conducted) => ofType(log, "contributed").map(({ text }) => text);
      expect(textsIn(beside).toSorted()).toEqual(textsIn(alone).toSorted());
      expect(outcomeOf(beside)).toEqual(outcomeOf(alone));
      expect(promptsIn(beside)).toEqual(promptsIn(alone));
      const tries = ofType(beside.log, "failed").map(({ agent, kind }) => [agent, kind]);
      expect(tries).toEqual(Array.from({ length: 2 }, () => [`sample-${mute + 1}`, "thinker.malformed"]));
    }
    await its.again(ENV);
  }, 60_000);

  test("TD10 chooses the same in a vote, whoever answers first and whichever model sits where", async () => {
    const vote = { mode: "vote", privacy: "public" } as const;
    const answers = [
      ["42", 6],
      ["41", 5],
      ["42", 3],
    ] as const;
    const orders = [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ];
    const outcomes = await inTurn(orders, async (order) =>
      outcomeOf(await discussed(its, answering(answers, order), vote)),
    );
    expect(outcomes[0]).toEqual([[{ winner: "42", agreement: 2 / 3, reached: true }], ["42"], ["consensus"]]);
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    const surer = await discussed(
      its,
      answering([
        ["42", 10],
        ["41", 5],
        ["42", 3],
      ]),
      vote,
    );
    expect(outcomeOf(surer)).toEqual(outcomes[0]);

    const byModel: How = {
      says: (call) =>
        JSON.stringify({
          steps: "",
          ...(its.abroad.calls.includes(call) ? { answer: "41", sure: 2 } : { answer: "42", sure: 9 }),
        }),
    };
    const BOX = "openai:model@box";
    const seated: (readonly (string | undefined)[])[] = [];
    for (const [gone, model] of [
      [ABROAD, ABROAD],
      [BOX, BOX],
    ] as const) {
      for (const { id } of (await its.node.workers()).filter((one) => one.model === gone))
        await its.node.call("POST", "/v1/workers/stop", { worker: id });
      await waitUntil(async () => (await its.node.workers()).every((one) => one.model !== gone), 10_000);
      await discussed(its, byModel, { ...vote, model });
      const mixed = await discussed(its, byModel, vote);
      seated.push(ofType(mixed.log, "opened")[0]?.agents.map((seat) => seat.model) ?? []);
      expect(ofType(mixed.log, "final")[0]?.text).toBe("42");
      expect(ofType(mixed.log, "tallied")[0]?.winner).toBe("42");
    }
    expect(seated).toEqual([
      [BOX, ABROAD, BOX],
      [ABROAD, BOX, ABROAD],
    ]);
  }, 60_000);

  test("TD8 with more patience has the same words and more, never fewer", async () => {
    const says = (): Says => {
      const plan = planned(moves, unnumbered);
      return (call) => (call.prompt.includes(LATER) ? plan(call).replace('"pass"', '"speak"') : plan(call));
    };
    const hasty = await discussed(its, { says: says() });
    expect(ofType(hasty.log, "closing")[0]?.reason).toBe("all_idle");
    await its.again({ ...ENV, RBEE_TEAM_IDLE: "1500ms" });
    const patient = await discussed(its, { says: says() }, async () => {
      const begun = await begin(its.node, { request: QUESTION, mode: "discuss" });
      void sayLate(its, begun.discussion, LATER);
      return begun;
    });
    expect(wordsIn(patient).slice(0, wordsIn(hasty).length)).toEqual(wordsIn(hasty));
    expect(wordsIn(patient).length).toBeGreaterThan(wordsIn(hasty).length);
  }, 60_000);
});

/** When it has been quiet for so long that the hasty would be over. */
async function sayLate({ node }: KeyedNode, discussion: string, text: string): Promise<void> {
  const log: LogEvent[] = [];
  for await (const { event } of listen(node, discussion)) {
    if (event.type === "token") continue;
    log.push(event);
    const standing = standingOf(log);
    if (standing === undefined || standing.turns.size > 0 || next(standing, event.at) !== undefined) continue;
    await waitUntil(() => Date.now() > event.at + 150, 5_000);
    await node.call("POST", `/v2/discussions/${discussion}/say`, { text });
    return;
  }
}
