/**
 * Goal: the features say what they hold: no name stands twice, what holds one is there, and no sentence is left that
 *       nobody speaks.
 * Method: the feature files, the list of names beside them, and the sentences, compared.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFeature } from "./gherkin/parse.ts";
import { sentences } from "./steps/all.ts";

const features = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".feature"))
  .map((name) => parseFeature(readFileSync(join(import.meta.dirname, name), "utf8"), name));
const scenarios = features.flatMap((feature) => feature.scenarios);
const list = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
const listed = list
  .split("\n")
  .filter((line) => line.startsWith("- "))
  .map((line) => line.slice(2));

describe("the features", () => {
  test("a scenario's name stands once: in a feature, or in the list of names", () => {
    const names = [...scenarios.map(({ name }) => name), ...listed];
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  });

  test("what holds a name elsewhere is there: the scenario, or the test", () => {
    const [inFeatures = "", outside = ""] = list.split(/^### /m).filter((part) => part.startsWith("Held"));
    const titles = [...inFeatures.matchAll(/^\*\*(.+)\*\*$/gm)].map(([, title]) => title);
    const names = scenarios.map(({ name }) => name);
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => title === undefined || !names.includes(title))).toEqual([]);
    const tests = [...outside.matchAll(/test\/[\w/.-]+\.test\.ts/g)].map(([path]) => path);
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((path) => !existsSync(join(import.meta.dirname, "..", "..", path)))).toEqual([]);
  });

  test("every step of every scenario means exactly one sentence, and every sentence is spoken", () => {
    const spoken = new Set(scenarios.flatMap(({ steps }) => steps).map((step) => sentences.meaningOf(step).sentence));
    expect(sentences.all.filter((sentence) => !spoken.has(sentence))).toEqual([]);
  });
});

describe("a feature that cannot be read", () => {
  test.each([
    ["", "no feature in it"],
    ["Given a node\n", "a feature begins with its name"],
    ["Feature: a\nFeature: b\n", "one feature"],
    ["Feature: a\nScenario: b\nScenario: b\n", "stands here already"],
    ["Feature: a\nScenario: b\nGivn a node\n", "neither a step nor a table"],
    ["Feature: a\nScenario: b\n| a |\n", "a table belongs to a step"],
    ["Feature: a\nScenario: b\nBackground:\n", "one background"],
  ])("%j is refused with its line", (text, why) => {
    expect(() => parseFeature(text, "x.feature")).toThrow(why);
  });
});
