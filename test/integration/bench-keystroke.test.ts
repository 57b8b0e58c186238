/**
 * Goal: the bench of keys types at a real program whose team really talks, and its lines say what a key took.
 * Method: the bench itself on a few keys. Nothing here depends on how fast a machine is.
 *
 * @module
 */
import { expect, test } from "vitest";
import { keystrokeBench } from "../../tools/bench/keystroke.ts";
import type { Line } from "../../tools/bench/measure.ts";
import { needs } from "../support/needs.ts";

test("keys are typed while two talk, and each is seen", needs("script"), async () => {
  const lines: Line[] = [];
  await keystrokeBench({ speakers: 2, keys: 3, lines: 1 }).run((line) => lines.push(line));
  expect(lines.map((line) => line.case)).toEqual(["echo-x2-p50", "echo-x2-p99"]);
  expect(lines.every(({ value, baseline }) => value > 0 && (baseline ?? 0) > 0)).toBe(true);
});
