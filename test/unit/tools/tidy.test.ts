/**
 * Goal: the rules of the house hold for this tree, and each rule would notice being broken.
 * Method: tidy over the real tree, then each rule over a small tree with one planted violation.
 */
import { describe, expect, test } from "vitest";
import { assign, setup } from "xstate";
import { effect } from "../../../machines/effect.ts";
import { errorProblems } from "../../../tools/tidy/errors.ts";
import { importProblems } from "../../../tools/tidy/imports.ts";
import { handlerProblems, machineProblems } from "../../../tools/tidy/machines.ts";
import type { Problem, Tree } from "../../../tools/tidy/problem.ts";
import { shapeProblems } from "../../../tools/tidy/shape.ts";
import { lineOf, tidy } from "../../../tools/tidy.ts";

const HEADER = "/**\n * Says what it owns.\n */\n";

const treeOf = (path: string, text: string): Tree => new Map([[path, text]]);
const textsOf = (problems: readonly Problem[]): readonly string[] => problems.map(({ text }) => text);

test("the whole tree is tidy", async () => {
  expect((await tidy()).map(lineOf).join("\n")).toBe("");
});

describe("imports go one way", () => {
  test.for([
    ["machines/worker.ts", `import { z } from "zod";`],
    ["machines/worker.ts", `import { readFileSync } from "node:fs";`],
    ["machines/rules/price.ts", `import type { Task } from "../../src/protocol/api.ts";`],
    ["src/protocol/api.ts", `import { openHost } from "../runtime/host.ts";`],
    ["src/runtime/host.ts", `import { openChannel } from "../net/channel.ts";`],
    ["src/runtime/real/clock.ts", `export { queen } from "../../actors/queen/behaviour.ts";`],
    ["src/actors/hive/behaviour.ts", `import type { Channel } from "../../net/channel.ts";`],
    ["src/net/serve.ts", `import * as openai from "../doors/openai.ts";`],
    ["src/doors/openai.ts", `const { queen } = await import("../actors/queen/behaviour.ts");`],
    ["src/hosts/node.ts", `type Main = import("../cli/main.ts").Main;`],
    ["src/cli/main.ts", `import { tidy } from "../../tools/tidy.ts";`],
    ["src/hosts/node.ts", `import { waitUntil } from "../.././test/support/children.ts";`],
  ] as const)("%s may not say %s", ([path, text]) => {
    expect(textsOf(importProblems(treeOf(path, text)))).toEqual([expect.stringContaining("may not import")]);
  });

  test.for([
    ["machines/worker.ts", `import { setup } from "xstate"; import { effect } from "./effect.ts";`],
    ["src/runtime/host.ts", `import type { Address } from "../../machines/words.ts"; import { open } from "lmdb";`],
    ["src/doors/openai.ts", `import { ERRORS } from "../protocol/errors.ts"; import "./rbee.ts";`],
    ["src/hosts/node.ts", `import "../net/serve.ts"; import "../actors/hive/tables.ts"; import "../doors/rbee.ts";`],
    ["tools/bench.ts", `import "../src/cli/main.ts"; import "../test/support/children.ts";`],
  ] as const)("%s may say %s", ([path, text]) => {
    expect(importProblems(treeOf(path, text))).toEqual([]);
  });
});

describe("a file looks like the others", () => {
  const body = (lines: number): string => "  work();\n".repeat(lines);

  test.for([
    ["401 lines, at most 400", "src/net/link.ts", `${HEADER}${"work();\n".repeat(398)}`],
    ["a function of 71 lines, at most 70", "src/net/link.ts", `${HEADER}function f() {\n${body(69)}}\n`],
    ["a function of 71 lines, at most 70", "src/net/link.ts", `${HEADER}const f = () => {\n${body(69)}};\n`],
    ["a function of 71 lines, at most 70", "src/net/link.ts", `${HEADER}class C {\n  m() {\n${body(69)}  }\n}\n`],
    ["a function of 71 lines, at most 70", "test/unit/a.test.ts", `${HEADER}test("x", () => {\n${body(69)}});\n`],
    ["121 columns, at most 120", "src/net/link.ts", `${HEADER}// ${"x".repeat(118)}\n`],
    ["a file begins with a header comment that says what it owns", "src/net/link.ts", "export const a = 1;\n"],
    ['a file is named after its one idea, not "utils"', "src/net/utils.ts", HEADER],
    ['a file is named after its one idea, not "helpers"', "src/net/link-helpers.ts", HEADER],
    ["file names are kebab-case", "src/net/fileLink.ts", HEADER],
    ["test.only is left over", "test/unit/a.test.ts", `${HEADER}test.only("x", () => {});\n`],
    ["describe.skip is left over", "test/unit/a.test.ts", `${HEADER}describe.skip("x", () => {});\n`],
    ["it.todo is left over", "test/unit/a.test.ts", `${HEADER}it.todo("x");\n`],
  ] as const)("%s: found in %s", ([problem, path, text]) => {
    expect(textsOf(shapeProblems(treeOf(path, text)))).toEqual([problem]);
  });

  test("the limits themselves are allowed, and a chapter of tests may be long", () => {
    const longest = `${HEADER}function f() {\n${body(68)}}\n// ${"x".repeat(117)}\n${"work();\n".repeat(326)}`;
    expect(
      shapeProblems(treeOf("bin/rbee.mjs", `#!/usr/bin/env node\n${longest.slice(0, -"work();\n".length)}`)),
    ).toEqual([]);
    const chapter = `${HEADER}describe("x", () => {\n${body(70)}  test("y", () => {});\n});\n`;
    expect(shapeProblems(treeOf("test/unit/x.test.ts", chapter))).toEqual([]);
  });
});

describe("a machine leaves running to the runtime", () => {
  test.for([
    [`const m = { invoke: { src: "engine" } };`, "invoke is XState's own actor: ask a port instead"],
    [`import { spawnChild } from "xstate";`, "spawnChild needs XState's own interpreter: use effect"],
    [`import { sendTo as tell } from "xstate/actions";`, "sendTo needs XState's own interpreter: use effect"],
    [`import { sendParent } from "xstate";`, "sendParent needs XState's own interpreter: use effect"],
    [`const a = raise({ type: "late" }, { delay: 5 });`, "a delayed raise needs an id, to be cancelled by"],
  ] as const)("%s breaks a rule", ([text, problem]) => {
    expect(textsOf(machineProblems(treeOf("machines/worker.ts", text)))).toEqual([problem]);
  });

  test("a raise at once, and a delayed one with an id, are allowed", () => {
    const text = `const a = [raise({ type: "now" }), raise({ type: "late" }, { id: "late", delay: 5 })];`;
    expect(machineProblems(treeOf("machines/worker.ts", text))).toEqual([]);
  });
});

describe("each action of a machine has exactly one handler", () => {
  const machine = setup({
    types: { context: {} as { count: number } },
    actions: { load: effect<{ model: string }>(), count: assign({ count: ({ context }) => context.count + 1 }) },
  }).createMachine({ context: { count: 0 } });
  const load = (): [] => [];

  test("the one that has is tidy; what XState does itself needs none", () => {
    expect(handlerProblems([{ kind: "worker", machine, handlers: { load } }])).toEqual([]);
  });
  test("an action without a handler is found", () => {
    expect(textsOf(handlerProblems([{ kind: "worker", machine, handlers: {} }]))).toEqual(["load has no handler"]);
  });
  test("a handler without an action is found", () => {
    const handlers = { load, unload: load };
    expect(textsOf(handlerProblems([{ kind: "worker", machine, handlers }]))).toEqual([
      "the handler unload has no action",
    ]);
  });
  test("a second behaviour of one machine is found", () => {
    const worker = { kind: "worker", machine, handlers: { load } };
    expect(textsOf(handlerProblems([worker, { ...worker }]))).toEqual(["worker has two behaviours"]);
  });
});

describe("each error code is tested and explained", () => {
  const tree = new Map([
    ["test/unit/hive.test.ts", `expect(code).toBe("hive.asleep");`],
    ["README.md", "| `hive.asleep` | wait |"],
  ]);

  test("one that is both is tidy", () => {
    expect(errorProblems(tree, ["hive.asleep"], [])).toEqual([]);
  });
  test("one that no test provokes is found, unless it is waived", () => {
    const readme = new Map([["README.md", "`hive.awake`"]]);
    expect(textsOf(errorProblems(readme, ["hive.awake"], []))).toEqual(["no test provokes hive.awake"]);
    expect(errorProblems(readme, ["hive.awake"], ["hive.awake"])).toEqual([]);
  });
  test("a waiver that is no longer needed is found", () => {
    expect(textsOf(errorProblems(tree, ["hive.asleep"], ["hive.asleep"]))).toEqual(["hive.asleep needs no waiver"]);
    expect(textsOf(errorProblems(tree, ["hive.asleep"], ["hive.awake"]))).toEqual(["hive.awake needs no waiver"]);
  });
  test("one that the README does not explain is found", () => {
    const untold = new Map([...tree, ["README.md", "nothing"] as const]);
    expect(textsOf(errorProblems(untold, ["hive.asleep"], []))).toEqual(["the README does not explain hive.asleep"]);
  });
});
