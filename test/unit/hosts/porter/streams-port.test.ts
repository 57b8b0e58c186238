/**
 * Goal: a job hears that it is sealed only of an answer that is there in full, and at its end how much was said (J6 and
 * J8 of machines/job.ts).
 * Method: the port over a spool that lost what an earlier life had said.
 */
import { expect, test } from "vitest";
import { streamsPort } from "../../../../src/hosts/porter/streams-port.ts";
import type { SpoolLog } from "../../../../src/net/spool.ts";
import { Streams } from "../../../../src/net/streams.ts";
import type { StreamsAsk } from "../../../../src/protocol/ports.ts";
import type { AskResult } from "../../../../src/runtime/envelope.ts";

const SEAL = { type: "seal", job: "j", attempt: 1, chunks: 1, isAwaited: false } as const;
const note = { type: "assigned", worker: "w", attempt: 1, why: "" } as const;

/** `passes` lets its patience end. */
function ported(log?: SpoolLog) {
  const streams = new Streams({ credit: () => {}, ...(log === undefined ? {} : { log }) });
  const ends: (() => void)[] = [];
  const port = streamsPort(streams, (_ms, run) => ends.push(run));
  const asked = (event: StreamsAsk): Promise<AskResult> =>
    new Promise((resolve) => port.ask({ id: "1", from: "queen/job/j", event, deadlineMs: 1000 }, resolve));
  return Object.assign(asked, { streams, passes: () => ends.forEach((end) => end()) });
}

test("J8 the end of a stream tells how much was said on it, and the same when it is asked for again", async () => {
  const asked = ported();
  await asked({ type: "begin", job: "j", attempt: 1, said: { pieces: ["a", "b"], tokens: 3 }, worker: "w", note });
  const failure = { code: "job.cancelled", class: "cancelled", message: "" } as const;
  const close: StreamsAsk = { type: "close", job: "j", end: { type: "error", failure }, isAwaited: false };
  for (const _ of [1, 2]) {
    expect(await asked(close)).toEqual({ ok: true, event: { type: "stream.closed", saidTokens: 3 } });
  }
});

test("stream.lost: some of what was said is missing, so the job is not done and another attempt may say it", async () => {
  const asked = ported();
  const seal = (chunks: number): Promise<AskResult> => asked({ ...SEAL, chunks });

  expect(await seal(0)).toMatchObject({ ok: false, error: { code: "stream.lost" } });
  const said = { pieces: ["a"], tokens: 1 };
  await asked({ type: "begin", job: "j", attempt: 1, said, worker: "w", note });
  const missing = seal(2);
  asked.passes();
  expect(await missing).toMatchObject({ ok: false, error: { code: "stream.lost" } });
  expect(await seal(1)).toEqual({ ok: true, event: { type: "sealed" } });
});

test("S8 what readers were told is done stays done, whatever is said of it again", async () => {
  const asked = ported();
  await asked({ type: "begin", job: "j", attempt: 1, said: { pieces: ["a"], tokens: 1 }, worker: "w", note });
  const usage = { promptTokens: 1, completionTokens: 1, firstTokenMs: 1, totalMs: 1 };
  const rest = { model: "m", worker: "w", attempts: 1, queuedMs: 0, loadMs: 0 } as const;
  const end = { type: "done", finish: "stop", usage, ...rest } as const;
  await asked({ type: "close", job: "j", end, isAwaited: true });
  const begun = await asked({
    type: "begin",
    job: "j",
    attempt: 2,
    said: { pieces: [], tokens: 0 },
    worker: "w2",
    note,
  });
  // SP1: it need not be done again, and may not fail.
  const executed = { type: "executed", attempt: 2, finish: "stop", stop: undefined, usage, chunks: 1 };
  expect(begun).toEqual({ ok: true, event: executed });
  expect(await asked({ ...SEAL, attempt: 2, chunks: 9 })).toEqual({ ok: true, event: { type: "sealed" } });
});

test("what comes behind the answer of a worker elsewhere is waited for, and nothing that cannot come any more", async () => {
  const asked = ported();
  await asked({ type: "begin", job: "j", attempt: 1, said: { pieces: [], tokens: 0 }, worker: "w", note });
  const late = asked(SEAL);
  await new Promise((resolve) => void setImmediate(resolve));
  asked.streams.chunk({ job: "j", attempt: 1, index: 0, kind: "text", text: "a", tokens: 1 });
  expect(await late).toEqual({ ok: true, event: { type: "sealed" } });

  const never = asked({ ...SEAL, chunks: 2 });
  asked.streams.recall("j");
  expect(await never).toMatchObject({ ok: false, error: { code: "stream.lost" } });
});

test("RM10 an end is told when the disk has the text that it is of, unless its client waits on a connection", async () => {
  const flushing: (() => void)[] = [];
  const flushed = (): Promise<void> => new Promise((resolve) => void flushing.push(resolve));
  const asked = ported({ add: () => {}, forget: () => {}, flushed });
  const failure = { code: "job.cancelled", class: "cancelled", message: "" } as const;
  const close = { type: "close", job: "j", end: { type: "error", failure } } as const;
  await asked({ type: "begin", job: "j", attempt: 1, said: { pieces: [], tokens: 0 }, worker: "w", note });
  expect(await asked({ ...SEAL, chunks: 0, isAwaited: true })).toEqual({ ok: true, event: { type: "sealed" } });
  expect(await asked({ ...close, isAwaited: true })).toMatchObject({ ok: true });
  expect(flushing).toEqual([]);

  let isTold = false;
  const told = asked({ ...close, isAwaited: false }).then(() => (isTold = true));
  await new Promise((resolve) => void setImmediate(resolve));
  expect([flushing.length, isTold]).toEqual([1, false]);
  for (const flush of flushing) flush();
  await told;
});
