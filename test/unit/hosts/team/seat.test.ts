/**
 * Goal: what the door asks of the team means what it says, and a discussion is found wherever it is.
 * Method: the seat over an archive on disk, and a store that is told what to say.
 *
 * @see src/hosts/team/seat.ts, TE1 to TE11
 * @module
 */
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LogEvent, Logged } from "../../../../machines/rules/log.ts";
import type { LibraryEvent } from "../../../../machines/library.ts";
import type { Address } from "../../../../machines/words.ts";
import { Archive } from "../../../../src/hosts/team/archive.ts";
import { Audience } from "../../../../src/hosts/team/audience.ts";
import { readPart } from "../../../../src/hosts/team/prompts.ts";
import { seated } from "../../../../src/hosts/team/roster.ts";
import { type TeamParts, teamSeat } from "../../../../src/hosts/team/seat.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { Message } from "../../../../src/runtime/envelope.ts";
import { granted, logOf, openedBody, said, teamConfig } from "../../../support/team-rows.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

type Open = Extract<LibraryEvent, { type: "open" }>;

const OVER = logOf(
  openedBody({ mode: "alone", request: "Which way?" }),
  granted("a", 1, { kind: "answer" }),
  said("a", 1, "Left."),
  { type: "closing", reason: "exhausted" },
  { type: "closed" },
  {
    type: "final",
    upTo: 2,
    text: "Left.",
    by: "contribution",
    minority: [],
    worth: { tokens: 5, ms: 1, contributions: 1, flips: 0 },
  },
);

const runsOf = (running: Readonly<Record<string, readonly LogEvent[]>>): readonly object[] =>
  Object.keys(running).map((discussion) => ({ discussion, session: "s1", request: "?", mode: "discuss", at: 9_000 }));

const ALIVE = [{ name: "critical", sessions: 2, notes: 3, memoryBytes: 40 }];

/** A store in which these discussions run, and nobody else. */
function stage(running: Readonly<Record<string, readonly LogEvent[]>> = {}, given: Partial<TeamParts> = {}) {
  const folder = temporaryFolder();
  const archive = new Archive(join(folder, "sessions"));
  const opens: Open[] = [];
  const asked: string[] = [];
  const store = (to: Address, event: Message): Message => {
    if (event.type === "open") {
      opens.push(event as Message & Open);
      return { type: "opened" };
    }
    if (event.type === "list") return { type: "running", discussions: runsOf(running), agents: ALIVE } as Message;
    const log = running[to.split("/")[2] ?? ""];
    if (log === undefined) throw new RbeeError("cell.gone", "nobody lives there");
    if (event.type !== "read") return { type: "noted", seq: log.length } as Message;
    return { type: "log", session: "s1", events: log.slice((event as Message & { from: number }).from) } as Message;
  };
  const seat = teamSeat({
    doors: { ask: async <Answer>(to: Address, event: Message) => store(to, event) as Answer },
    archive,
    knowledge: {
      async known(text, label) {
        asked.push(`${label}: ${text}`);
        return [{ id: "k1", text: "It is left." }];
      },
      async forgetSession(session) {
        asked.push(`forget ${session}`);
      },
    },
    audience: new Audience(),
    config: teamConfig(),
    configFile: join(folder, "config.yaml"),
    defaultModel: "big",
    storeTimes: () => ({ store: { asks: 3, ms: { p50: 1, p95: 2 } } }),
    models: async () => ["big"],
    billing: { priceOf: () => undefined, frame: "", summarizer: seated(readPart("summarizer")) },
    ...given,
  });
  const keep = (discussion: string, log = OVER): Promise<unknown> =>
    new Promise((resolve) => {
      const event = { type: "keep", discussion, session: "s1", log };
      archive.ask({ id: "x", from: "store/discussion/d1", event, deadlineMs: 0 }, resolve);
    });
  const opened = (): Logged<"opened"> => {
    const opening = opens.at(-1)?.opening;
    if (opening?.type !== "question") throw new Error("nothing was asked");
    return { seq: 0, at: 0, ...opening.opened };
  };
  return { seat, opens, keep, opened, asked, folder };
}
const NOBODY = { caller: undefined };
const HARD =
  "Design a migration of our billing system to another database without downtime, weigh the risks and decide.";

describe("how a question is answered", () => {
  test("TE1 is what was asked for, else what the configuration says, else what the gate thinks; which it was is told", async () => {
    const set = { config: teamConfig({ mode: "vote" }) };
    const asked = await stage({}, set).seat.begin({ request: "Hello", mode: "discuss" }, NOBODY);
    const configured = await stage({}, set).seat.begin({ request: "Hello", mode: "auto" }, NOBODY);
    const gated = await stage().seat.begin({ request: HARD }, NOBODY);
    expect([asked, configured, gated].map(({ mode }) => mode)).toEqual(["discuss", "vote", "discuss"]);
    expect(asked.why).toBe("it was asked for");
    expect(configured.why).toBe("team.mode says so");
    expect([asked.why, configured.why]).not.toContain(gated.why);
  });

  test("TE4 is alone where nothing but the starter is there, unless somebody asks for more", async () => {
    const tiny = { defaultModel: "starter", models: async () => ["starter"] };
    const { seat } = stage({}, tiny);
    expect(await seat.begin({ request: HARD }, NOBODY)).toMatchObject({ mode: "alone" });
    expect(await seat.begin({ request: HARD, mode: "discuss" }, NOBODY)).toMatchObject({ mode: "discuss" });
    expect(await seat.begin({ request: HARD, model: "big" }, NOBODY)).toMatchObject({ mode: "discuss" });
    const grown = stage({}, { ...tiny, models: async () => ["starter", "big"] });
    expect(await grown.seat.modeOf(HARD)).toBe("discuss");
  });
});

describe("a question of a session", () => {
  test("TE2 has what was asked and answered before it, newest last, as much as leaves room", async () => {
    const { seat, keep, opened } = stage();
    for (let number = 0; number < 6; number += 1) {
      const request = number === 5 ? "x".repeat(9_000) : `question ${number}`;
      const log = OVER.map((event): LogEvent => ({ ...event, at: event.at + number * 100 }));
      await keep(`d${number}`, [{ ...(log[0] as Logged<"opened">), request }, ...log.slice(1)]);
    }
    await seat.begin({ request: "And now?", session: "s1", mode: "alone" }, NOBODY);
    const { before } = opened();
    expect(before.map(({ request }) => request.slice(0, 10))).toEqual([
      "question 2",
      "question 3",
      "question 4",
      "xxxxxxxxxx",
    ]);
    expect(before.at(-1)?.request).toHaveLength(2_000);
    expect(before[0]?.answer).toBe("Left.");
  });

  test("TE9 is asked also where the session has a damaged file, which is set aside and named with it", async () => {
    const { seat, keep, opened, folder } = stage();
    await keep("d1");
    await keep("d2");
    truncateSync(join(folder, "sessions", "s1", "d1.ndjson"), 100);
    await seat.begin({ request: "And now?", session: "s1", mode: "alone" }, NOBODY);
    expect(opened()).toMatchObject({
      before: [{ answer: "Left." }],
      why: "it was asked for; d1 of this session is damaged, and set aside",
    });
    await seat.begin({ request: "And now?", session: "s1", mode: "alone" }, NOBODY);
    expect(opened().why).toBe("it was asked for");
  });

  test("SN2 that is being answered is among the sessions", async () => {
    const { seat, keep } = stage({ d2: OVER.slice(0, 2) });
    await keep("d1");
    const asked = [{ discussion: "d1", answer: "Left." }, { discussion: "d2" }];
    expect(await seat.sessions()).toMatchObject([{ session: "s1", asked }]);
  });

  test("TE2 is alone in a session of its own", async () => {
    const { seat, keep, opened } = stage();
    await keep("d1");
    const begun = await seat.begin({ request: "And now?", mode: "alone" }, NOBODY);
    expect([opened().before, begun.session]).toEqual([[], expect.not.stringMatching(/^s1$/)]);
  });

  test("is bound as it asks: its time, its label, its model, how long its answer may be", async () => {
    const { seat, opened, opens } = stage();
    const bounds = { deadline_ms: 7_000, privacy: "secret", model: "m", max_tokens: 40 } as const;
    await seat.begin({ request: "x", mode: "discuss", ...bounds }, NOBODY);
    expect(opened()).toMatchObject({ label: "secret", config: { hardMs: 7_000, answerTokensMax: 40 } });
    expect(opens[0]).toMatchObject({ model: "m" });
    await seat.begin({ request: "x", mode: "alone" }, NOBODY);
    expect(opened().label).toBe("private");
  });
});

describe("who asks under a word of their own", () => {
  const HARRY = { key: "k1", requestId: "r1" };
  const asked = { request: "Which way?", mode: "discuss" } as const;

  test("TE8 and asks again while they talk, or when they have ended, is given what was begun", async () => {
    const running: Record<string, readonly LogEvent[]> = {};
    const { seat, opens, keep } = stage(running);
    const first = await seat.begin(asked, { caller: HARRY, word: "w1" });
    const { discussion } = first;
    running[discussion] = logOf(openedBody({ why: "it was asked for" }));
    expect(await seat.begin(asked, { caller: HARRY, word: "w1" })).toEqual({ ...first, session: "s1" });
    delete running[discussion];
    await keep(discussion, logOf(openedBody({ mode: "vote", why: "kept" })));
    const kept = { discussion, session: "s1", mode: "vote", why: "kept" };
    expect(await seat.begin(asked, { caller: HARRY, word: "w1" })).toEqual(kept);
    expect(opens.map((one) => one.discussion)).toEqual([discussion]);
  });

  test("TE8 is given nobody else's, and for another word another", async () => {
    const { seat, opens } = stage();
    const askers = [
      { caller: HARRY, word: "w1" },
      { caller: undefined, word: "w1" },
      { caller: HARRY, word: "w2" },
      NOBODY,
      NOBODY,
    ];
    for (const asker of askers) await seat.begin(asked, asker);
    expect(new Set(opens.map(({ discussion }) => discussion)).size).toBe(5);
    expect(new Set(opens.map(({ session }) => session)).size).toBe(5);
    for (const { discussion } of opens) expect(discussion).toMatch(/^d[0-9a-f]{18}$/);
  });

  test("TE8 at the same moment twice is given one discussion and one session, and the store is asked to begin it once", async () => {
    const { seat, opens } = stage();
    const both = await Promise.all([
      seat.begin(asked, { ...NOBODY, word: "w" }),
      seat.begin(asked, { ...NOBODY, word: "w" }),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(opens).toHaveLength(1);
  });

  test("TE8 may ask again where nothing could be begun, and begins it then", async () => {
    let failures = 1;
    const models = async (): Promise<readonly string[]> => {
      if ((failures -= 1) >= 0) throw new RbeeError("queen.unreachable", "she is away");
      return ["big"];
    };
    const { seat, opens } = stage({}, { models });
    const again = { ...NOBODY, word: "w" };
    await expect(seat.begin(asked, again)).rejects.toMatchObject({ code: "queen.unreachable" });
    expect(await seat.begin(asked, again)).toMatchObject({ mode: "discuss" });
    expect(opens).toHaveLength(1);
  });
});

describe("a discussion", () => {
  const heard = async (
    seat: ReturnType<typeof teamSeat>,
    discussion: string,
    from = 0,
  ): Promise<readonly unknown[]> => {
    const all: unknown[] = [];
    for await (const event of seat.listen(discussion, from, new AbortController().signal)) all.push(event);
    return all;
  };

  test("TE3 is read from its cell while it runs, else from the archive", async () => {
    const running = logOf(...OVER.map(({ seq: _seq, at: _at, ...body }) => body));
    const { seat, keep } = stage({ d1: running });
    await keep("d2");
    expect(await heard(seat, "d1", 3)).toEqual(running.slice(3));
    expect(await heard(seat, "d2", 4)).toEqual(OVER.slice(4));
    await expect(heard(seat, "d3")).rejects.toMatchObject({ code: "request.not.found" });
  });

  test("TE3 discussion.over: nothing is said in one that is over, and there is none of a name that never was", async () => {
    const { seat, keep } = stage({ d1: OVER.slice(0, 2) });
    await keep("d2");
    const word = { type: "say", text: "Wait." } as const;
    expect(await seat.say("d1", word)).toBe(2);
    await expect(seat.say("d2", word)).rejects.toMatchObject({ code: "discussion.over" });
    await expect(seat.say("d3", word)).rejects.toMatchObject({ code: "request.not.found" });
  });

  test("TE5 TD9 forked is of the same session, and begins with the same bytes", async () => {
    const { seat, keep, opens } = stage();
    await keep("d1");
    const forked = await seat.fork("d1", { seq: 2, text: "And by bus?" }, undefined);
    expect(forked).toMatchObject({ session: "s1", mode: "alone" });
    expect(opens[0]).toMatchObject({ opening: { type: "fork", prefix: OVER.slice(0, 3), text: "And by bus?" } });
    await expect(seat.fork("d1", { seq: 3 }, undefined)).rejects.toMatchObject({ code: "request.invalid" });
    await expect(seat.fork("d1", { seq: 99 }, undefined)).rejects.toMatchObject({ code: "request.invalid" });
    await expect(seat.fork("d9", { seq: 0 }, undefined)).rejects.toMatchObject({ code: "request.not.found" });
  });
});

describe("a fork of what is billed", () => {
  const summarizer = seated(readPart("summarizer"));
  const paid = (input: number, of: string) => ({
    config: teamConfig({ costMax: 1 }),
    billing: { priceOf: (model: string) => (model === of ? { input, output: 2 } : undefined), frame: "", summarizer },
  });
  /** The log of one that was asked for by this model's name. */
  const begun = async (given: Partial<TeamParts>, model: string | undefined): Promise<readonly LogEvent[]> => {
    const its = stage({}, given);
    await its.seat.begin({ request: "Which way?", mode: "discuss", ...(model && { model }) }, NOBODY);
    return [its.opened(), ...logOf(openedBody(), granted("divergent", 1)).slice(1)];
  };
  const forked = async (log: readonly LogEvent[], given: Partial<TeamParts>) => {
    const { seat, keep, opens } = stage({}, given);
    await keep("d1", log);
    await seat.fork("d1", { seq: 1 }, undefined);
    return opens[0];
  };

  test("TE5 goes on with the model that the question was asked for by", async () => {
    const log = await begun(paid(1, "dear"), "dear");
    expect(await forked(log, paid(1, "dear"))).toMatchObject({ model: "dear", opening: { prefix: log } });
    expect((await forked(OVER.slice(0, 2), {}))?.model).toBeUndefined();
  });

  test.each([
    ["whose price has risen", paid(3, "big"), undefined],
    ["that nobody bills any more", paid(1, "other"), undefined],
    ["that is billed now", paid(1, "big"), paid(1, "other")],
    [
      "whose thinkers are told more",
      { ...paid(1, "big"), billing: { ...paid(1, "big").billing, frame: "x" } },
      undefined,
    ],
  ])(
    "TE10 MO4 TS12 under a model %s is refused: what its log sets aside would not pay for it",
    async (_, now, then) => {
      const log = await begun(then ?? paid(1, "big"), undefined);
      await expect(forked(log, now)).rejects.toMatchObject({
        code: "request.invalid",
        message: expect.stringContaining("divergent") as string,
      });
      expect(await forked(log, then ?? paid(1, "big"))).toBeDefined();
    },
  );

  test("TE10 where no bound was set to it, is not held to what it cost then", async () => {
    const log = await begun({ ...paid(1, "big"), config: teamConfig() }, undefined);
    expect(await forked(log, paid(3, "big"))).toBeDefined();
  });
});

describe("what the team knows", () => {
  test("TE11 is not before a question that nobody but the starter answers: it would answer what it was told", async () => {
    const tiny = { defaultModel: "starter", models: async () => ["starter", "big"] };
    const { seat, opened, asked } = stage({}, tiny);
    await seat.begin({ request: "Which way?", mode: "alone" }, NOBODY);
    expect([opened().knowledge, asked]).toEqual([undefined, []]);
    await seat.begin({ request: "Which way?", mode: "alone", model: "big" }, NOBODY);
    expect(opened().knowledge).toEqual([{ id: "k1", text: "It is left." }]);
    // One of the samples is drawn of the other model.
    await seat.begin({ request: "Which way?", mode: "vote" }, NOBODY);
    expect(opened().knowledge).toEqual([{ id: "k1", text: "It is left." }]);
  });

  test("TE6 is before the question of whoever sits at the machine, under its label, and before no API key's", async () => {
    const { seat, opened, asked } = stage();
    await seat.begin({ request: "Which way?", privacy: "internal", mode: "alone" }, NOBODY);
    expect(opened().knowledge).toEqual([{ id: "k1", text: "It is left." }]);
    expect(asked).toEqual(["internal: Which way?"]);
    await seat.begin({ request: "Which way?", mode: "alone" }, { caller: { requestId: "r", key: "k" } });
    expect(opened().knowledge).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  test("KN3 of a session goes with it", async () => {
    const { seat, keep, asked } = stage();
    await keep("d1");
    expect(await seat.remove("s1")).toBe(true);
    expect(asked).toEqual(["forget s1"]);
  });

  test("TE7 TS11 what was asked and answered in private is before no question that is less private", async () => {
    const { seat, keep, opened } = stage();
    await keep("d1");
    await seat.begin({ request: "And now?", session: "s1", mode: "alone", privacy: "internal" }, NOBODY);
    expect(opened().before).toEqual([]);
    await seat.begin({ request: "And now?", session: "s1", mode: "alone", privacy: "secret" }, NOBODY);
    expect(opened().before).toHaveLength(1);
  });
});
