/**
 * Goal: the team's door numbers what it tells, takes what it knows, and keeps the sessions of who sits at the machine.
 * Method: the door's routes over a seat that is told what to say.
 *
 * @see src/doors/team.ts, TH1 to TH4
 * @module
 */
import { describe, expect, test } from "vitest";
import { type Said, type TeamAsker, teamRoutes, type TeamSeat } from "../../../src/doors/team.ts";
import type { DiscussionEvent } from "../../../src/protocol/discussion-api.ts";
import { RbeeError } from "../../../src/protocol/errors.ts";
import type { Answer, Call, ServerEvent } from "../../../src/protocol/route.ts";
import { logOf, openedBody, said } from "../../support/team-rows.ts";

const BEGUN = { discussion: "d1", session: "s1", mode: "discuss", why: "it was asked for" } as const;
const refuse = (): never => {
  throw new RbeeError("queen.unreachable", "nobody is here");
};
const seat = (given: Partial<TeamSeat> = {}): TeamSeat => ({
  begin: async () => BEGUN,
  fork: async () => BEGUN,
  modeOf: refuse,
  say: async () => 7,
  listen: refuse,
  sessions: async () => [],
  exported: refuse,
  remove: async () => false,
  specialists: async () => ({ schemaVersion: 1, specialists: [] }),
  stats: async () => ({ schemaVersion: 1, damaged: 0, modes: [], gate: { told: 0, same: 0 }, agents: [] }),
  ...given,
});

function call(given: TeamSeat, method: string, path: string, made: Partial<Call> = {}): Promise<Answer> {
  const route = teamRoutes(given).find((each) => each.method === method && each.path === path);
  const whole: Call = {
    params: { id: "d1" },
    query: {},
    headers: {},
    body: undefined,
    local: false,
    signal: new AbortController().signal,
    ...made,
  };
  return Promise.resolve().then(() => route?.handle(whole) ?? Promise.reject(new Error(`no ${method} ${path}`)));
}

const EVENTS: readonly DiscussionEvent[] = [
  ...logOf(openedBody(), said("a", 1, "Left.")),
  { type: "token", agent: "b", turn: 2, offset: 0, text: "Ri" },
];

/** @returns what is sent, and from which event on it was asked for */
async function heard(headers: Call["headers"] = {}) {
  const asked: number[] = [];
  const sent: ServerEvent[] = [];
  const listening = seat({
    async *listen(_discussion, from) {
      asked.push(from);
      yield* EVENTS.slice(from);
    },
  });
  const answer = await call(listening, "GET", "/v2/discussions/:id/events", { headers });
  if ("events" in answer) await answer.events({ send: (event) => void sent.push(event) });
  return { asked, sent };
}

describe("a question", () => {
  const asking = async (headers: Call["headers"]): Promise<readonly TeamAsker[]> => {
    const askers: TeamAsker[] = [];
    const begun = seat({
      async begin(_request, asker) {
        askers.push(asker);
        return BEGUN;
      },
    });
    const body = { request: "Which way?" };
    const answer = await call(begun, "POST", "/v2/discussions", { headers, body, caller: { requestId: "r1" } });
    expect(answer).toMatchObject({ status: 202, json: { discussion: "d1" } });
    return askers;
  };

  test("TH4 is asked again under the word of its Idempotency-Key, by whoever asks", async () => {
    expect(await asking({ "idempotency-key": "w1" })).toEqual([{ caller: { requestId: "r1" }, word: "w1" }]);
    expect(await asking({})).toEqual([{ caller: { requestId: "r1" }, word: undefined }]);
    for (const word of ["", "w".repeat(256)])
      await expect(asking({ "idempotency-key": word })).rejects.toMatchObject({ code: "request.invalid" });
  });
});

describe("events of a discussion", () => {
  test("TH1 are numbered by their place and told as they are kept; words as they come have no number", async () => {
    const { sent } = await heard();
    expect(sent.map(({ event, id }) => [event, id])).toEqual([
      ["opened", 0],
      ["contributed", 1],
      ["token", undefined],
    ]);
    expect(sent.map(({ data }) => JSON.stringify(data))).toEqual(EVENTS.map((event) => JSON.stringify(event)));
  });

  test("TH1 go on behind the last one that was heard", async () => {
    expect((await heard({ "last-event-id": "0" })).asked).toEqual([1]);
    expect((await heard({ "last-event-id": "" })).asked).toEqual([0]);
    await expect(heard({ "last-event-id": "-1" })).rejects.toMatchObject({ code: "request.invalid" });
    await expect(heard({ "last-event-id": "1".repeat(16) })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("TH2 who only listens changes nothing by going", async () => {
    const done: string[] = [];
    const watched = seat({
      say: async () => done.push("said"),
      async *listen() {
        yield* EVENTS;
      },
    });
    const answer = await call(watched, "GET", "/v2/discussions/:id/events");
    const gone = (): never => {
      throw new RbeeError("interrupted", "the client has gone");
    };
    if ("events" in answer) await expect(answer.events({ send: gone })).rejects.toMatchObject({ code: "interrupted" });
    expect(done).toEqual([]);
  });
});

describe("what is said in a discussion", () => {
  test.each<[object, Said]>([
    [{ text: "Wait." }, { type: "say", text: "Wait." }],
    [
      { text: "Wait.", to: "a" },
      { type: "say", text: "Wait.", to: "a" },
    ],
    [
      { order: "extend", seconds: 5 },
      { type: "order", order: { order: "extend", ms: 5_000 } },
    ],
    [
      { order: "mute", agent: "a" },
      { type: "order", order: { order: "mute", agent: "a" } },
    ],
    [{ order: "stop" }, { type: "order", order: { order: "stop" } }],
  ])("%j is %j, and is answered with its place", async (body, meant) => {
    const all: Said[] = [];
    const hearing = seat({
      async say(_discussion, one) {
        all.push(one);
        return 7;
      },
    });
    const answer = await call(hearing, "POST", "/v2/discussions/:id/say", { body });
    expect([answer, all]).toEqual([{ status: 200, json: { discussion: "d1", seq: 7 } }, [meant]]);
  });

  test.each([
    {},
    { text: "" },
    { order: "mute" },
    { order: "extend" },
    { order: "extend", seconds: 0 },
    { order: "sing" },
  ])("%j is refused", async (body) => {
    await expect(call(seat(), "POST", "/v2/discussions/:id/say", { body })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  test("a question is answered with where it is heard, and so is a fork", async () => {
    const accepted = { status: 202, json: { ...BEGUN, events_url: "/v2/discussions/d1/events" } };
    expect(await call(seat(), "POST", "/v2/discussions", { body: { request: "Which?" } })).toEqual(accepted);
    expect(await call(seat(), "POST", "/v2/discussions/:id/fork", { body: { seq: 2 } })).toEqual(accepted);
  });
});

describe("sessions", () => {
  const caller = { key: "k1", requestId: "r1" };

  test.each([
    ["GET", "/v2/sessions"],
    ["GET", "/v2/sessions/:id"],
    ["DELETE", "/v2/sessions/:id"],
    ["GET", "/v2/team/stats"],
    ["POST", "/v2/discussions/:id/fork"],
  ] as const)("TH3 %s %s is not for an API key", async (method, path) => {
    const body = { seq: 0 };
    await expect(call(seat(), method, path, { caller, body })).rejects.toMatchObject({ code: "request.forbidden" });
  });

  test("TH3 whoever has a key asks, listens and speaks as anybody does, and is told who there is", async () => {
    expect(await call(seat(), "POST", "/v2/discussions", { caller, body: { request: "Which?" } })).toMatchObject({
      status: 202,
    });
    expect(await call(seat(), "GET", "/v2/specialists", { caller })).toMatchObject({ status: 200 });
    expect(await call(seat(), "GET", "/v2/sessions")).toMatchObject({ json: { schemaVersion: 1, sessions: [] } });
  });

  test("request.not.found: one that is not there is not forgotten", async () => {
    await expect(call(seat(), "DELETE", "/v2/sessions/:id")).rejects.toMatchObject({ code: "request.not.found" });
    const there = seat({ remove: async () => true });
    expect(await call(there, "DELETE", "/v2/sessions/:id")).toMatchObject({ json: { session: "d1", removed: true } });
  });
});
