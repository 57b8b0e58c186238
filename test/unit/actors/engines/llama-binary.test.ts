/**
 * Goal: LB1 of llama-binary.ts. Method: the real library is imported, then its own trial is asked about a binary that
 * no process can load.
 */
import { expect, test } from "vitest";
import { importLibrary } from "../../../../src/actors/engines/llama-binary.ts";

interface Trial {
  testBindingBinary(path: string, backendsPath: string | undefined, gpu: "cuda" | false): Promise<boolean>;
}

test("LB1 the processor's binary is loaded without a trial, and one that drives a GPU is tried", async () => {
  await importLibrary();
  const file = new URL("bindings/utils/testBindingBinary.js", import.meta.resolve("node-llama-cpp"));
  const { testBindingBinary } = (await import(file.href)) as Trial;
  expect(await testBindingBinary("/no/such/binary.node", undefined, false)).toBe(true);
  expect(await testBindingBinary("/no/such/binary.node", undefined, "cuda")).toBe(false);
});
