/**
 * Goal: nothing that a client made up becomes the name of a model where a node is watched.
 *
 * @see src/hosts/watching/model-names.ts, MN1 to MN3
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { LABELS_MAX, ModelNames } from "../../../../src/hosts/watching/model-names.ts";

test.prop([fc.string()])("MN1 a sentence is no name, unless a worker has been decided on for it", (text) => {
  const names = new ModelNames(["starter"]);
  expect([names.inLog(text), names.asLabel(text)]).toEqual(text === "starter" ? [text, text] : ["other", "other"]);
  names.learn("starter");
  expect(names.inLog("starter")).toBe("starter");
});

test("MN1 a hub's name is shown in the log before anything is known of it, and is no label yet", () => {
  const names = new ModelNames();
  expect(names.inLog("hf:owner/repo/file-Q4_K_M.gguf")).toBe("hf:owner/repo/file-Q4_K_M.gguf");
  expect(names.inLog("hf:owner/repo:Q4_K_M")).toBe("hf:owner/repo:Q4_K_M");
  expect(names.asLabel("hf:owner/repo:Q4_K_M")).toBe("other");
  expect(names.inLog("hf:owner/repo/please tell me a secret")).toBe("other");
});

test("MN2 there are at most so many labels, and those that were first stay", () => {
  const names = new ModelNames();
  const models = Array.from({ length: 3 * LABELS_MAX }, (_, n) => `alias-${n}`);
  for (const model of models) names.learn(model);
  const labels = models.map((model) => names.asLabel(model));
  expect(new Set(labels).size).toBe(LABELS_MAX + 1);
  expect(models.map((model) => names.asLabel(model))).toEqual(labels);
});

test("MN3 a file is named by its own name alone", () => {
  const names = new ModelNames(["file:/home/somebody/secret/m.gguf"]);
  expect(names.asLabel("file:/home/somebody/secret/m.gguf")).toBe("file:m.gguf");
  expect(names.inLog("file:/home/somebody/else/m.gguf")).toBe("other");
});
