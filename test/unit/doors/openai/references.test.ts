/**
 * Goal: an item that a client only names is what it was told, and nobody has a model read what is not theirs.
 *
 * @see src/doors/openai/references.ts, RF1 RF2
 * @module
 */
import { describe, expect, test } from "vitest";
import { type ReferenceSeat, withReferred } from "../../../../src/doors/openai/references.ts";
import { responsesRequest } from "../../../../src/doors/openai/responses-schema.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import { parseWith } from "../../../../src/protocol/parse.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import type { Call } from "../../../../src/protocol/route.ts";
import { done, FAILED, pieces } from "../../../support/dialect-stage.ts";

const caller = { requestId: "r1", key: "k1" };
const call: Call = { params: {}, query: {}, headers: {}, body: {}, local: false, signal: AbortSignal.any([]), caller };
const SAID = pieces(["text", "Well. "], ["call", "act"], ["arguments", '{"a"'], ["arguments", ":1}"], ["text", "So."]);

class Kept implements ReferenceSeat {
  readonly asked: (readonly [job: string, key: string | undefined])[] = [];
  readonly #jobs: Readonly<Record<string, readonly StreamItem[]>>;

  constructor(jobs: Readonly<Record<string, readonly StreamItem[]>>) {
    this.#jobs = jobs;
  }

  async *read(job: string, _from: number, _signal: AbortSignal, asker?: Call["caller"]): AsyncGenerator<StreamItem> {
    this.asked.push([job, asker?.key]);
    const kept = this.#jobs[job];
    if (kept === undefined) throw new RbeeError("request.not.found", "there is no such job");
    yield* kept;
  }
}

const read = async (seat: ReferenceSeat, ...input: readonly object[]): Promise<readonly object[]> =>
  (await withReferred(seat, parseWith(responsesRequest, { model: "m", input }), call)).input;

describe("what is only named", () => {
  test("RF1 is what was told under that name, in its place, a message or a call, whole", async () => {
    const seat = new Kept({ j1: [...SAID, done()] });
    const user = { type: "message", role: "user", content: "Go" };
    const input = await read(seat, user, { type: "item_reference", id: "msg_j1" }, { id: "fc_call_j1_1" });
    expect(input).toEqual([
      user,
      { type: "message", role: "assistant", content: "Well. So." },
      { type: "function_call", call_id: "call_j1_1", name: "act", arguments: '{"a":1}' },
    ]);
  });

  test("RF2 is read once, in the name of who asks", async () => {
    const seat = new Kept({ j1: [...SAID, done()] });
    await read(seat, { id: "msg_j1" }, { id: "fc_call_j1_1" });
    expect(seat.asked).toEqual([["j1", "k1"]]);
  });

  test.each([
    ["a job that is not kept, or not theirs", "msg_j2"],
    ["a job that failed", "msg_j3"],
    ["a job that was cut", "msg_j4"],
    ["a call that was never made", "fc_call_j1_9"],
    ["somebody else's name", "rs_abc"],
    ["a path", "msg_../j1"],
  ])("RF1 of %s is refused by its place", async (_what, id) => {
    const seat = new Kept({ j1: [...SAID, done()], j3: [...SAID, FAILED], j4: SAID });
    const reading = read(seat, { type: "message", role: "user", content: "Go" }, { type: "item_reference", id });
    await expect(reading).rejects.toMatchObject({ code: "request.invalid", details: { field: "input.1.id" } });
  });
});
