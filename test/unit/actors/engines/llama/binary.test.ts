/**
 * Goal: LB1 and LB2 of binary.ts. Method: the real library is imported, what Node loads for it is written down,
 * and its own trial is asked about a binary that no process can load.
 */
import { registerHooks } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { importLibrary } from "../../../../../src/actors/engines/llama/binary.ts";

interface Trial {
  testBindingBinary(path: string, backendsPath: string | undefined, gpu: "cuda" | false): Promise<boolean>;
}

const loaded: string[] = [];

beforeAll(async () => {
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  await importLibrary();
});

test("LB1 the processor's binary is loaded without a trial, and one that drives a GPU is tried", async () => {
  const file = new URL("bindings/utils/testBindingBinary.js", import.meta.resolve("node-llama-cpp"));
  const { testBindingBinary } = (await import(file.href)) as Trial;
  expect(await testBindingBinary("/no/such/binary.node", undefined, false)).toBe(true);
  expect(await testBindingBinary("/no/such/binary.node", undefined, "cuda")).toBe(false);
});

test("LB2 what only downloads or builds is not loaded", () => {
  const packages = new Set(loaded.map((url) => /\/node_modules\/([^/]+)/.exec(url)?.[1]));
  expect(packages).toContain("node-llama-cpp");
  for (const name of ["ipull", "simple-git", "cross-spawn", "ora"]) expect(packages).not.toContain(name);
});
