/**
 * Goal: work for somebody else's server gets a place there only as far as its label allows, and says so.
 *
 * @see src/actors/queen/privacy.ts, PR1 PR2
 * @module
 */
import { describe, expect, test } from "vitest";
import { admit } from "../../../../src/actors/queen/admission.ts";
import { noteEnded } from "../../../../src/actors/queen/news.ts";
import { place } from "../../../../src/actors/queen/placement.ts";
import { jobs, workers } from "../../../../src/actors/queen/tables.ts";
import { request } from "../../../support/machine-events.ts";
import { queenStage, settings as plain, told, toldIn } from "../../../support/queen-stage.ts";
import { jobRow, workerRow } from "../../../support/rows.ts";

const MODEL = "openai:m@cloud";
const settings = { ...plain, endpoints: { cloud: "internal" } } as const;
const submit = (model: string, label: typeof request.label) =>
  ({ event: { type: "submit", request: { ...request, model, label } }, asked: true, serial: 1 }) as const;
const placing = { event: { type: "place", model: MODEL }, serial: 9 } as const;

describe("a job that may not go where its model is", () => {
  test("PR1 is refused at its admission, with who may be given what", () => {
    const stage = queenStage();
    const commands = stage.play(admit(settings), undefined, submit(MODEL, "private"));
    const message = "this is private, and cloud may be given what is internal at most";
    expect(commands).toMatchObject([{ do: "reply", result: { error: { code: "privacy.refused", message } } }]);
    expect(stage.all(jobs)).toEqual({});
  });

  test("PR1 is refused also where the default model is there and the request names none", () => {
    const there = { ...settings, defaultModel: MODEL };
    const cue = {
      ...submit(MODEL, "secret"),
      event: { type: "submit", request: { ...request, model: undefined } },
    } as const;
    expect(told(queenStage(), admit(there), cue)[0]).toContain("privacy.refused");
  });

  test("PR1 gets no slot there, and no worker is asked for it, when it was admitted earlier", () => {
    const stage = queenStage().set(jobs, { j1: jobRow({ id: "j1", seq: 1, model: MODEL, label: "private" }) });
    const why = "this is private, and cloud may be given what is internal at most";
    const refused = [`control queen/job/j1: reject code=privacy.refused class=rejected message=${why}`];
    expect(toldIn(stage, 1, place(settings), placing)).toEqual(refused);
    stage.set(workers, { w1: workerRow({ id: "w1", model: MODEL }) });
    expect(toldIn(stage, 1, place(settings), placing)).toEqual(refused);
  });

  test("PR1 does not stand in the way of those behind it", () => {
    const row = jobRow({ id: "j1", seq: 1, model: MODEL });
    const failure = { code: "privacy.refused", class: "rejected", message: "no" } as const;
    const stage = queenStage().set(jobs, { j1: row, j2: jobRow({ id: "j2", seq: 2, model: MODEL, label: "public" }) });
    const event = { type: "job.ended", job: "j1", state: "failed", usage: undefined, failure } as const;
    expect(told(stage, noteEnded, { event })).toContain(`raise place model=${MODEL}`);
  });
});

describe("a job that may", () => {
  test("PR2 says where it goes, and what that server may be given", () => {
    const stage = queenStage()
      .set(jobs, { j1: jobRow({ id: "j1", seq: 1, model: MODEL, label: "internal" }) })
      .set(workers, { w1: workerRow({ id: "w1", model: MODEL }) });
    toldIn(stage, 1, place(settings), placing);
    expect(stage.rows(jobs).get("j1")?.why).toMatch(/it goes to cloud, which may be given what is internal at most$/);
  });

  test.each([MODEL, "openai:m@nowhere", "starter"])("PR1 is admitted: %s", (model) => {
    expect(told(queenStage(), admit(settings), submit(model, "internal"))).toContain("spawn job/j1");
  });
});
