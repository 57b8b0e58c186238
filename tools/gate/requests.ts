/**
 * The requests that the gate learns from: written by hand for this project, each with the way it should be answered.
 *
 * Owns: reading them, and which of them are so alike that one must not examine what was learned from another.
 *
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MODES, type Row } from "./learn.ts";
import { featuresOf } from "../../machines/rules/gate-features.ts";

const labelled = z.object({ language: z.string(), mode: z.enum(MODES), request: z.string() });
export type Labelled = z.infer<typeof labelled>;

export const requestsIn = (path: string): readonly Labelled[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => labelled.parse(JSON.parse(line)));

/** All that there is to learn from, file by file in the order of their names. */
export const allRequests = (): readonly Labelled[] =>
  globSync("*.jsonl", { cwd: join(import.meta.dirname, "requests") })
    .toSorted()
    .flatMap((name) => requestsIn(join(import.meta.dirname, "requests", name)));

export const rowOf = ({ mode, request }: Labelled): Row => ({ mode, features: [...featuresOf(request).keys()] });

const GRAM_CHARS = 4;
/** Of the grams of two requests, how many must be of both. */
const ALIKE = 0.35;

/** For each request the first that it is like, or itself. */
export function likenesses(requests: readonly Labelled[]): readonly number[] {
  const firsts: number[] = [];
  const withGram = new Map<string, number[]>();
  const grams = requests.map(({ request }) => gramsOf(request));
  for (const [index, own] of grams.entries()) {
    const both = new Map<number, number>();
    for (const gram of own) {
      for (const other of withGram.get(gram) ?? []) both.set(other, (both.get(other) ?? 0) + 1);
      withGram.set(gram, [...(withGram.get(gram) ?? []), index]);
    }
    const like = [...both].find(([other, count]) => count >= ALIKE * (own.size + (grams[other]?.size ?? 0) - count));
    firsts.push(like === undefined ? index : (firsts[like[0]] ?? index));
  }
  return firsts;
}

function gramsOf(request: string): ReadonlySet<string> {
  const text = request.toLowerCase().replaceAll(/\d+/g, "#");
  return new Set(
    Array.from({ length: Math.max(0, text.length - GRAM_CHARS + 1) }, (_, at) => text.slice(at, at + GRAM_CHARS)),
  );
}
