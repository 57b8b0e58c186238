/**
 * Goal: the team is a model among others: whoever asks it by name has an answer or an error, and can stop it.
 * Method: the seat of a node and the team's, each told what to say.
 *
 * @see src/hosts/team/as-model.ts, TMO1 to TMO6
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LogEvent, Mode, Unwritten } from "../../../../machines/rules/log.ts";
import { BARE_REQUEST, type JobRequest } from "../../../../machines/request.ts";
import type { NodeSeat } from "../../../../src/doors/rbee.ts";
import type { Said, TeamAsker, TeamSeat } from "../../../../src/doors/team.ts";
import { teamAsModel } from "../../../../src/hosts/team/as-model.ts";
import type { DiscussionRequest } from "../../../../src/protocol/discussion-api.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import { granted, logOf, openedBody, said } from "../../../support/team-rows.ts";

const DISCUSSION = `d${"0".repeat(18)}`;
const final = (text: string): Unwritten => ({
  type: "final",
  upTo: 2,
  text,
  by: "model",
  minority: [],
  worth: { tokens: 5, ms: 9, contributions: 1, flips: 0 },
});
const LOG = logOf(openedBody(), granted("a", 1), said("a", 1, "Left."), final("So."));

const refuse = (): never => {
  throw new RbeeError("queen.unreachable", "nobody is here");
};

function stage({
  log = LOG,
  gate = "discuss",
  over = false,
}: { log?: readonly LogEvent[]; gate?: Mode; over?: boolean } = {}) {
  const jobs: JobRequest[] = [];
  const cancelled: string[] = [];
  const begun: { request: DiscussionRequest; asker: TeamAsker }[] = [];
  const spoken: Said[] = [];
  const queen: NodeSeat = {
    lookup: refuse,
    explain: refuse,
    status: refuse,
    spawnWorker: refuse,
    stopWorker: refuse,
    workerHealth: refuse,
    hiveStatus: refuse,
    async submit(request) {
      jobs.push(request);
      return { job: "j1", state: "running", position: 0 };
    },
    async cancel(job) {
      cancelled.push(job);
    },
    async *read() {
      yield { type: "end", end: { type: "error", failure: { code: "of the job", class: "terminal", message: "" } } };
    },
  };
  const team: TeamSeat = {
    async begin(request, asker) {
      begun.push({ request, asker });
      return { discussion: DISCUSSION, session: "s1", mode: request.mode === "vote" ? "vote" : "discuss", why: "" };
    },
    modeOf: async () => gate,
    async say(_discussion, one) {
      spoken.push(one);
      if (over) throw new RbeeError("discussion.over", "it has come to its end");
      return 1;
    },
    async *listen() {
      yield { type: "token", agent: "a", turn: 1, offset: 0, text: "Le" };
      yield* log;
    },
    fork: refuse,
    sessions: refuse,
    exported: refuse,
    remove: refuse,
    specialists: refuse,
    stats: refuse,
  };
  return { seat: teamAsModel(queen, team), jobs, cancelled, begun, spoken };
}

const asked = (model: string | undefined, given: Partial<JobRequest> = {}): JobRequest => ({
  ...BARE_REQUEST,
  capability: "text",
  model,
  messages: [{ role: "user", content: "Which way?" }],
  ...given,
});
const read = async (seat: NodeSeat, job: string): Promise<readonly StreamItem[]> => {
  const all: StreamItem[] = [];
  for await (const item of seat.read(job, 0, new AbortController().signal)) all.push(item);
  return all;
};

describe("which of them answers", () => {
  test.each([
    ["queenbee:vote", "discuss", "vote"],
    ["queenbee:discuss", "alone", "discuss"],
    ["queenbee", "discuss", "discuss"],
    ["queenbee", "vote", "vote"],
  ] as const)("TMO1 %s, where the gate says %s, is a %s", async (model, gate, mode) => {
    const { seat, begun, jobs } = stage({ gate });
    expect(await seat.submit(asked(model))).toMatchObject({ job: DISCUSSION });
    expect([begun.map(({ request }) => request.mode), jobs]).toEqual([[mode], []]);
  });

  test.each([
    ["queenbee:alone", {}],
    ["queenbee", {}],
    ["queenbee:discuss", { jsonSchema: {} }],
    ["queenbee:discuss", { tools: { tools: [], choice: "auto" } as const }],
    ["queenbee:vote", { capability: "embed", input: ["x"] } as const],
  ] as const)("TMO2 %s with %j is a job like any other, on the default model", async (model, given) => {
    const { seat, begun, jobs } = stage({ gate: "alone" });
    const request = asked(model, { maxTokens: 7, ...(given as Partial<JobRequest>) });
    expect(await seat.submit(request)).toMatchObject({ job: "j1" });
    expect([jobs, begun]).toEqual([[{ ...request, model: undefined }], []]);
  });

  test("a model of another name is none of the team's", async () => {
    const { seat, jobs, cancelled } = stage();
    await seat.submit(asked("queen"));
    await seat.submit(asked(undefined));
    await seat.cancel("j1");
    expect([jobs.map(({ model }) => model), cancelled]).toEqual([["queen", undefined], ["j1"]]);
    expect(await read(seat, "j1")).toMatchObject([{ end: { failure: { code: "of the job" } } }]);
  });

  test("the last word of the user's is the question, with what the system said; what was answered is before it", async () => {
    const { seat, begun } = stage();
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Where?" },
      { role: "assistant", content: "Here." },
      { role: "user", content: "Which way?" },
    ] as const;
    const given = { messages, label: "secret", deadlineMs: 5, maxTokens: 9, idempotencyKey: "w1" } as const;
    await seat.submit(asked("queenbee", given), { key: "k1", requestId: "r1" });
    const bounds = { privacy: "secret", deadline_ms: 5, max_tokens: 9 };
    expect(begun).toEqual([
      {
        request: { request: "Be brief.\n\nWhich way?", mode: "discuss", ...bounds },
        asker: {
          word: "w1",
          caller: { key: "k1", requestId: "r1" },
          before: [{ request: "Where?", answer: "Here." }],
        },
      },
    ]);
  });
});

describe("its answer", () => {
  test("TMO3 is the final word alone, with what all of them used", async () => {
    expect(await read(stage().seat, DISCUSSION)).toMatchObject([
      { type: "chunk", chunk: { text: "So.", index: 0, attempt: 1 } },
      {
        type: "end",
        end: { type: "done", finish: "stop", model: "queenbee", usage: { promptTokens: 3, completionTokens: 2 } },
      },
    ]);
  });

  test.each([
    ["worker.lost", "worker.lost"],
    ["of nobody's", "thinker.empty"],
  ])("TMO3 TS14 where nobody could speak is an error: after %s it is %s", async (kind, code) => {
    const nobody = logOf(
      openedBody(),
      granted("a", 1),
      { type: "failed", agent: "a", turn: 1, kind, message: "it went" },
      final("There is no answer."),
    );
    expect(await read(stage({ log: nobody }).seat, DISCUSSION)).toMatchObject([
      { type: "end", end: { type: "error", failure: { code, message: "it went" } } },
    ]);
  });

  test("TMO6 says that it may have been cut where its last word has as many tokens as were allowed", async () => {
    const of = (completionTokens: number) =>
      logOf(openedBody({ config: { answerTokensMax: 9 } }), granted("a", 1), said("a", 1, "Left."), {
        ...(final("So.") as Extract<Unwritten, { type: "final" }>),
        usage: { promptTokens: 1, completionTokens },
      });
    const finish = async (log: readonly LogEvent[]) => (await read(stage({ log }).seat, DISCUSSION)).at(-1);
    expect(await finish(of(9))).toMatchObject({ end: { finish: "length", usage: { completionTokens: 11 } } });
    expect(await finish(of(8))).toMatchObject({ end: { finish: "stop" } });
  });

  test("TMO4 whoever cancels it stops the discussion; of one that is over nothing is left to stop", async () => {
    const { seat, spoken, cancelled } = stage();
    await seat.cancel(DISCUSSION);
    expect([spoken, cancelled]).toEqual([[{ type: "order", order: { order: "stop" } }], []]);
    await expect(stage({ over: true }).seat.cancel(DISCUSSION)).resolves.toBeUndefined();
  });
});
