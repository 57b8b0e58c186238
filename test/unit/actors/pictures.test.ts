/**
 * Goal: a picture shows the machine that runs, all of it and nothing else.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { behaviours } from "../../../src/actors/behaviours.ts";
import { machineNames, picture } from "../../../src/actors/pictures.ts";
import { README_PATH, redrawn } from "../../../tools/pictures.ts";
import { declaredStates } from "../../support/walk-machine.ts";

interface Drawn {
  readonly schemaVersion: number;
  readonly states: readonly {
    readonly id: string;
    readonly kind: string;
    readonly entry: readonly string[];
    readonly exit: readonly string[];
  }[];
  readonly transitions: readonly {
    readonly from: string;
    readonly to: string | null;
    readonly on: { readonly kind: string; readonly name: string };
    readonly actions: readonly string[];
    readonly ignored: boolean;
  }[];
}

const drawn = (name: string): Drawn => JSON.parse(picture(name, "json")) as Drawn;
const machineOf = (name: string) => behaviours.find(({ kind }) => kind === name);

test("there is a picture of every machine that a behaviour runs", () => {
  expect([...machineNames].toSorted()).toEqual(behaviours.map(({ kind }) => kind).toSorted());
});

test("there are events that machines only ignore, which pictures may leave out", () => {
  expect(machineNames.some((name) => drawn(name).transitions.some(({ ignored }) => ignored))).toBe(true);
});

describe.each(machineNames)("the picture of %s", (name) => {
  test("has every state of the machine", () => {
    const leaves = drawn(name)
      .states.filter(({ kind }) => kind === "simple" || kind === "final")
      .map(({ id }) => id);
    const machine = machineOf(name)?.machine;
    expect(leaves.toSorted()).toEqual(machine === undefined ? [] : declaredStates(machine).toSorted());
  });

  test("names every action that its behaviour handles, and no other", () => {
    const { states, transitions } = drawn(name);
    const named = [
      ...states.flatMap(({ entry, exit }) => [...entry, ...exit]),
      ...transitions.flatMap(({ actions }) => actions),
    ];
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(machineOf(name)?.handlers ?? {}).toSorted());
  });

  test("leads only to states that it has, and calls delays by their names", () => {
    const { states, transitions } = drawn(name);
    const ids = new Set([...states.map(({ id }) => id), null]);
    expect(transitions.filter(({ from, to }) => !ids.has(from) || !ids.has(to))).toEqual([]);
    const delays = Object.keys(machineOf(name)?.machine.implementations.delays ?? {});
    const after = transitions.filter(({ on }) => on.kind === "after").map(({ on }) => on.name);
    expect([...new Set(after)].toSorted()).toEqual(delays.toSorted());
  });

  test("is the same bytes each time, in every format", () => {
    for (const format of ["svg", "mermaid", "json"] as const) expect(picture(name, format)).toBe(picture(name, format));
  });

  test("as SVG shows each state, and each event once for every transition that is not ignored", () => {
    const text = picture(name, "svg");
    const { states, transitions } = drawn(name);
    for (const { id } of states) expect(text).toContain(`>${id.split(".").at(-1)}</text>`);
    const moves = transitions.filter(({ to }) => to !== null);
    expect(text.split("<circle").length - 1).toBe(
      moves.length + states.filter(({ kind }) => kind === "machine" || kind === "composite").length,
    );
    expect(text).toContain("prefers-color-scheme: dark");
  });

  test("as Mermaid has an arrow for every pair of states that a transition joins", () => {
    const arrows = picture(name, "mermaid")
      .split("\n")
      .filter((line) => / --> \w+: /.test(line));
    const pairs = new Set(drawn(name).transitions.flatMap(({ from, to }) => (to === null ? [] : [`${from} ${to}`])));
    expect(arrows.length).toBe(pairs.size);
  });

  test("as Mermaid leaves out what is only ignored, and tells of every other event that changes no state", () => {
    const { states, transitions } = drawn(name);
    const stays = transitions.filter(({ to, ignored }) => to === null && !ignored).map(({ on }) => on.name);
    const told = picture(name, "mermaid")
      .split("\n")
      .filter((line) => !line.includes("-->"))
      .flatMap((line) => /^ +\w+: (?:after )?([a-zA-Z]+(?:\.[a-z]+)*)(?: \[| \/|$)/.exec(line)?.[1] ?? [])
      .filter((word) => !["entry", "exit", ...states.map(({ id }) => id.split(".").at(-1) ?? id)].includes(word));
    expect(told.toSorted()).toEqual(stays.toSorted());
  });

  test("stands in the README with every numbered rule of the machine's file", () => {
    const readme = readFileSync(README_PATH, "utf8");
    const source = readFileSync(join(README_PATH, "..", `${name}.ts`), "utf8");
    const rules = [...source.matchAll(/^ \* {2}([A-Z]{1,2}\d+) /gm)].map(([, id]) => id);
    expect(rules.length).toBeGreaterThan(0);
    const section = readme.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? "";
    expect([...section.matchAll(/^- \*\*([A-Z]{1,2}\d+)\*\*/gm)].map(([, id]) => id)).toEqual(rules);
  });
});

test("the pictures in machines/README.md are those of the code", () => {
  const readme = readFileSync(README_PATH, "utf8");
  expect(redrawn(readme)).toBe(readme);
});
