/**
 * Goal: mutants fit the sources as they are, cover every rule of the kernel, and a run of them can be believed.
 * Method: the list against the tree; and the real trial over a small suite in a tree of its own.
 *
 * @see tools/mutants.ts, R1 to R3, and tools/mutants/
 * @module
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { canary, control } from "../../../tools/mutants/canaries.ts";
import { type Mutant, planted } from "../../../tools/mutants/mutant.ts";
import { ROOMS } from "../../../tools/mutants/rooms.ts";
import { asJson, line, summary } from "../../../tools/mutants/table.ts";
import { linkPackages } from "../../../tools/mutants/tree.ts";
import { tryMutant } from "../../../tools/mutants/trial.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const all = Object.values(ROOMS).flat();
const named = [canary, control, ...all].map((mutant) => [mutant.name, mutant] as const);

describe("the list of mutants", () => {
  test.each(named)("%s fits: its text occurs once, its edit changes it, its killers are there", (_name, mutant) => {
    const text = readFileSync(join(ROOT, mutant.file), "utf8");
    expect(planted(text, mutant)).not.toBe(text);
    expect(mutant.killers.length).toBeGreaterThan(0);
    expect(mutant.killers.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has a name of its own for each, in kebab-case, and says what each breaks", () => {
    const names = named.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
    expect(all.filter(({ rule, breaks }) => rule === "" || breaks === "")).toEqual([]);
  });

  test("breaks each of the twelve kernel rules in at least two ways, and is no shorter than it was meant to be", () => {
    const ways = (rule: number): number => all.filter((mutant) => mutant.rule === `rule ${rule}`).length;
    expect(Array.from({ length: 12 }, (_, at) => at + 1).filter((rule) => ways(rule) < 2)).toEqual([]);
    expect(all.length).toBeGreaterThanOrEqual(48);
  });

  test("is stale, and says so, where the text is gone or has come twice", () => {
    const mutant = { name: "m", rule: "", breaks: "", file: "f.ts", find: "one", replace: "$&" };
    expect(() => planted("two", mutant)).toThrow("m is stale: its text occurs 0 times in f.ts");
    expect(() => planted("one one", mutant)).toThrow("m is stale: its text occurs 2 times in f.ts");
    expect(planted("one", mutant)).toBe("$&");
  });
});

const TESTS = `import { expect, test } from "vitest";
import { sum } from "./sum.ts";
test("adds", () => expect(sum(1, 2)).toBe(3));
test("adds more", () => expect(sum(2, 2)).toBe(4));
`;
const SUM = `export const sum = (a: number, b: number): number => a + b;\n`;

/** A tree with one source and its tests, and one edit of that source. */
function small(replace: string, more: Partial<Mutant> = {}): { readonly tree: string; readonly mutant: Mutant } {
  const tree = mkdtempSync(join(tmpdir(), "rbee-mutants-"));
  onTestFinished(() => rmSync(tree, { recursive: true, force: true }));
  mkdirSync(join(tree, "test"));
  writeFileSync(join(tree, "test/sum.ts"), SUM);
  writeFileSync(join(tree, "test/sum.test.ts"), TESTS);
  linkPackages(ROOT, tree);
  const mutant = { name: "m", rule: "r", breaks: "b", file: "test/sum.ts", find: "a + b", replace, ...more };
  return { tree, mutant: { killers: ["test/sum.test.ts"], ...mutant } };
}

describe("a trial", () => {
  test("names the test that noticed, and leaves the tree as it was", async () => {
    const { tree, mutant } = small("a - b");
    expect(await tryMutant(tree, mutant)).toMatchObject({ outcome: "killed", by: "adds", file: "test/sum.test.ts" });
    expect(readFileSync(join(tree, "test/sum.ts"), "utf8")).toBe(SUM);
  });

  test.each([
    ["an edit that changes nothing survives", "b + a", { outcome: "survived" }],
    ["a file that no longer loads proves nothing", "(a +", { outcome: "broken" }],
    [
      "a suite in which no test fails, but something else does, proves nothing",
      "b + a + stray()",
      { outcome: "broken" },
    ],
  ])("%s", async (_what, replace, expected) => {
    const { tree, mutant } = small(replace);
    const path = join(tree, "test/sum.ts");
    writeFileSync(path, `${SUM}const stray = () => (void Promise.reject(new Error("stray")), 0);\n`);
    expect(await tryMutant(tree, mutant)).toMatchObject(expected);
  });

  test("ends when its time is over; that is a kill only where a hang is expected", async () => {
    const { tree, mutant } = small("((): number => { for (;;); })()");
    const limitMs = 2000;
    expect(await tryMutant(tree, mutant, limitMs)).toMatchObject({ outcome: "broken" });
    expect(await tryMutant(tree, { ...mutant, mayHang: true }, limitMs)).toMatchObject({ outcome: "killed" });
  });
});

test("a run is told a line each and ends in the counts; what proves nothing was not killed", () => {
  const { mutant } = small("");
  const rows = [
    { mutant, trial: { outcome: "killed", by: "adds", file: "test/unit/sum.test.ts", seconds: 1 } },
    { mutant, trial: { outcome: "survived", seconds: 2 } },
    { mutant, trial: { outcome: "broken", why: "it does not load", seconds: 3 } },
  ] as const;
  const told = rows.map((row) => line(row).replace(/\s+/g, " "));
  expect(told[0]).toBe("m r 1.0 sum: adds");
  expect(told[1]).toContain("m r 2.0 SURVIVED: b (test/sum.ts)");
  expect(told[2]).toContain("m r 3.0 PROVES NOTHING: it does not load");
  expect(summary(rows)).toBe("1 killed, 2 survived");
  expect(rows.map((row): unknown => JSON.parse(asJson(row)))).toEqual([
    { mutant: "m", killed: true, by: "adds", ms: 1000, rule: "r", file: "test/sum.ts" },
    { mutant: "m", killed: false, by: null, ms: 2000, rule: "r", file: "test/sum.ts" },
    { mutant: "m", killed: false, by: null, ms: 3000, rule: "r", file: "test/sum.ts", why: "it does not load" },
  ]);
});
