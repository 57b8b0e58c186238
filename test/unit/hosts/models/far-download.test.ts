/**
 * Goal: whoever follows a download of another machine hears of its end from that machine alone.
 * Method: answers as the test says them, and times of milliseconds.
 *
 * @see src/hosts/models/far-download.ts, FD1
 */
import { expect, test } from "vitest";
import { followAllFar, followFar } from "../../../../src/hosts/models/far-download.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { DownloadView } from "../../../../src/protocol/download-api.ts";
import type { Fetching } from "../../../../src/protocol/machine-api.ts";

const MODEL = "hf:o/r:Q8_0";
const NEVER = new AbortController().signal;

const fetching = (presentBytes: number): Fetching => ({
  state: "running",
  progress: { model: MODEL, step: "fetching", presentBytes, totalBytes: 9, bytesPerSecond: 3 },
});
const away = new RbeeError("machine.away", "there is no link to beta");

/** @returns what is told, a word or two each, and how it ends */
async function told(answers: readonly (Fetching | RbeeError)[], awayMs = 60_000): Promise<readonly string[]> {
  const left = [...answers];
  const words: string[] = [];
  const ask = async (): Promise<Fetching> => {
    const next = (left.length > 1 ? left.shift() : left[0]) ?? new RbeeError("defect", "nothing was said");
    if (next instanceof RbeeError) throw next;
    return next;
  };
  try {
    for await (const { step, presentBytes, trouble } of followFar(MODEL, ask, NEVER, { pollMs: 1, awayMs })) {
      words.push([step, presentBytes, trouble?.code].filter((word) => word !== undefined).join(" "));
    }
    return [...words, "end"];
  } catch (thrown) {
    return [...words, `failed ${thrown instanceof RbeeError ? thrown.code : String(thrown)}`];
  }
}

test("FD1 it ends when that machine says so, with its own code", async () => {
  expect(await told([fetching(1), fetching(5), { state: "here" }])).toEqual(["fetching 1", "fetching 5", "end"]);
  const failed = { state: "failed", code: "machine.away", message: "no machine that has it is there" } as const;
  expect(await told([fetching(1), failed])).toEqual(["fetching 1", "failed machine.away"]);
  expect(await told([{ ...failed, code: "of.later" }])).toEqual(["failed defect"]);
});

test("FD1 a link that broke is no end, and how far it was stays", async () => {
  expect(await told([fetching(5), away, fetching(6), { state: "here" }])).toEqual([
    "fetching 5",
    "waiting 5 machine.away",
    "fetching 6",
    "end",
  ]);
});

test("FD1 a machine that stays away is given up, one that refuses at once", async () => {
  const words = await told([fetching(5), away], 20);
  expect([words[0], words.at(-1)]).toEqual(["fetching 5", "failed machine.away"]);
  expect(await told([new RbeeError("link.invalid", "another version")])).toEqual(["failed link.invalid"]);
});

test("FD1 all of a machine are told whenever one has got on, over a link that breaks, until it stays away", async () => {
  const view = (model: string, presentBytes: number): DownloadView => ({
    model,
    step: "fetching",
    presentBytes,
    totalBytes: 9,
    bytesPerSecond: 3,
  });
  const answers = [[view("a", 1)], [view("a", 1), view("b", 2)], away, [view("b", 3)], [], [view("b", 3)]];
  const ask = async (): Promise<readonly DownloadView[]> => {
    const next = answers.shift() ?? away;
    if (next instanceof RbeeError) throw next;
    return next;
  };
  const words: string[] = [];
  const followed = async (): Promise<void> => {
    for await (const { model, presentBytes } of followAllFar(ask, NEVER, { pollMs: 1, awayMs: 20 }))
      words.push(`${model} ${presentBytes}`);
  };
  await expect(followed()).rejects.toMatchObject({ code: "machine.away" });
  expect(words).toEqual(["a 1", "b 2", "b 3", "b 3"]);
});
