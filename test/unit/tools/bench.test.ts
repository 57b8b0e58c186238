/**
 * Goal: what a bench prints can be read by a program, and says met only when its goal was.
 * Method: a bench on tiny sizes, and lines made of figures that are known. Nothing here depends on how fast a machine
 * is.
 */
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { bench } from "../../../tools/bench/main.ts";
import { bounded, compare, type Line, percentile, sentence } from "../../../tools/bench/measure.ts";
import { nativeBench } from "../../../tools/bench/native.ts";
import { scheduleBench } from "../../../tools/bench/schedule.ts";
import { teamBench, thinkingMs } from "../../../tools/bench/team.ts";

const lineShape = z
  .strictObject({
    bench: z.string().min(1),
    case: z.string().regex(/^[a-z0-9-]+$/),
    value: z.number(),
    unit: z.string().min(1),
    baseline: z.number().nullable(),
    ratio: z.number().nullable(),
    goal: z.number().optional(),
    met: z.boolean().optional(),
    runs: z.int().min(1),
    spread: z.number().min(0),
  })
  .refine((line) => (line.goal === undefined) === (line.met === undefined), "goal and met stand together")
  .refine((line) => (line.baseline === null) === (line.ratio === null), "a ratio is one to a baseline");

const known = { bench: "b", case: "c", unit: "ms", values: [1, 2, 3], value: 3 };

describe("the lines of a bench", () => {
  test("schedule tells every size, with one model and with many, how the cost grows, and what a load costs", async () => {
    const lines: Line[] = [];
    const sizes = { workers: [40, 80], queued: 50, rounds: 2, decisionsPerRound: 20 };
    await scheduleBench(sizes).run((line) => lines.push(line));
    for (const line of lines) expect(lineShape.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    const cases = ["40", "80", "growth"];
    expect(lines.map((line) => line.case)).toEqual([
      ...cases.map((name) => `one-model-${name}`),
      ...cases.map((name) => `many-models-${name}`),
      "load-1000-hives",
    ]);
  });

  test("team tells what a discussion costs beside the thinking, what its log takes and what reading it again does", async () => {
    const lines: Line[] = [];
    await teamBench({ modelMs: 1, warmUps: 0, discussions: 1, replays: 1 }).run((line) => lines.push(line));
    for (const line of lines) expect(lineShape.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
    expect(lines.map((line) => line.case)).toEqual(["overhead-contribution", "overhead-share", "replay", "log-size"]);
    expect(lines.at(-1)).toMatchObject({ met: true });
  });

  test("thoughts at the same time count once, and those behind each other together", () => {
    const thought = (beganMs: number, endedMs: number) => ({ beganMs, endedMs });
    expect(thinkingMs([thought(0, 100), thought(1, 101), thought(2, 103)])).toBe(101);
    expect(thinkingMs([thought(110, 210), thought(0, 100), thought(90, 180)])).toBe(200);
    expect(thinkingMs([])).toBe(0);
  });

  test("native measures nothing where there is no llama-server, and says so", async () => {
    vi.stubEnv("RBEE_ENGINES_LLAMA_SERVER_PATH", "llama-server-that-nobody-has");
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      await nativeBench.run(() => expect.fail("it measured something"));
      expect(said.mock.calls.join("")).toContain("SKIPPED, nothing was measured: llama-server-that-nobody-has is not");
    } finally {
      said.mockRestore();
      vi.unstubAllEnvs();
    }
  });

  test("a cost is met up to its bound, and missed above it", () => {
    expect(bounded({ ...known, atMost: 3 })).toMatchObject({ goal: 3, met: true, runs: 3 });
    expect(bounded({ ...known, atMost: 2.9 })).toMatchObject({ goal: 2.9, met: false });
  });

  test("what is nothing in every run has no spread", () => {
    const line = bounded({ ...known, values: [0, 0], value: 0, atMost: 0 });
    expect(lineShape.parse(line)).toMatchObject({ value: 0, met: true, spread: 0 });
  });

  test("without a goal a line has neither goal nor met", () => {
    const line = lineShape.parse(bounded({ ...known, baseline: 2 }));
    expect(line).toMatchObject({ baseline: 2, ratio: 1.5 });
    expect(Object.keys(line)).not.toContain("goal");
    expect(Object.keys(line)).not.toContain("met");
  });

  test("a rate is met from its share of the plain rate on, and both sides take turns", async () => {
    const turns: string[] = [];
    const side = (name: string, rate: number) => () => {
      turns.push(name);
      return rate;
    };
    const line = await compare({
      bench: "b",
      case: "c",
      unit: "events/s",
      runs: 2,
      goal: 0.75,
      subject: side("subject", 74),
      baseline: side("plain", 100),
    });
    expect(lineShape.parse(line)).toMatchObject({ value: 74, baseline: 100, ratio: 0.74, met: false });
    expect(turns).toEqual(["subject", "plain", "subject", "plain", "subject", "plain"]);
  });

  test("the 95th percentile is the smallest value that 95 of 100 do not exceed", () => {
    expect(
      percentile(
        Array.from({ length: 100 }, (_, i) => 100 - i),
        0.95,
      ),
    ).toBe(95);
    expect(percentile([7], 0.95)).toBe(7);
  });

  test("a person is told the figure, the comparison and whether the goal was met", () => {
    const told = sentence(bounded({ ...known, baseline: 2, atMost: 4 }));
    expect(told).toContain("b c: 3 ms");
    expect(told).toContain("goal 4: met");
  });
});

test("a bench that does not exist is refused, and those that do are named", async () => {
  await expect(bench("speed", { json: true, peers: false })).rejects.toMatchObject({
    code: "usage.invalid",
    message: expect.stringMatching(/step.*mailbox.*schedule.*admission.*infer.*cascade.*recover.*help/),
  });
});
