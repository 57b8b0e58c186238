/**
 * Goal: a model is found by every name that a client of the Ollama dialect has for it, and by no other's.
 *
 * @see src/doors/ollama/names.ts, ON1 to ON3
 * @module
 */
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { idOf, listedName, modelOf, modelsMeant } from "../../../../src/doors/ollama/names.ts";
import { quantOf } from "../../../../src/protocol/model-name.ts";

describe("a name that a client writes", () => {
  test.each([
    ["starter", "starter"],
    ["starter:latest", "starter"],
    ["queenbee:latest", "queenbee"],
    ["queenbee:vote", "queenbee:vote"],
    ["hf.co/bees/tiny-GGUF:Q4_K_M", "hf:bees/tiny-GGUF:Q4_K_M"],
    ["huggingface.co/bees/tiny-GGUF:q4_0", "hf:bees/tiny-GGUF:q4_0"],
    ["HF.co/bees/tiny-GGUF", "hf:bees/tiny-GGUF"],
    ["hf.co/bees/tiny-GGUF:latest", "hf:bees/tiny-GGUF"],
    ["llama3.2:3b", "llama3.2:3b"],
    ["nothf.co/bees/tiny:Q4_0", "nothf.co/bees/tiny:Q4_0"],
  ])("%s is %s", (name, model) => {
    expect(modelOf(name)).toBe(model);
  });

  test.each([
    "hf:bees/tiny-GGUF/tiny-Q4_0.gguf",
    "file:/models/a:latest",
    "ollama:llama3:latest",
    "openai:m@home:latest",
  ])("ON3 %s says by itself where its model is, and stays", (name) => {
    expect(modelOf(name)).toBe(name);
  });
});

const file = fc
  .tuple(fc.constantFrom("tiny", "tiny-2", "a"), fc.constantFrom("-Q4_0", "-Q8_0", "-q4_0", ""))
  .map(([stem, quant]) => `${stem}${quant}.gguf`);
const id = fc.oneof(
  fc.tuple(fc.constantFrom("bees/tiny-GGUF", "bees/other"), file).map(([repo, name]) => `hf:${repo}/${name}`),
  fc.constantFrom("starter", "file:/models/a.gguf", "file:/models/b:latest"),
);
const catalog = fc
  .uniqueArray(id, { minLength: 1, maxLength: 12 })
  .map((ids) => ids.map((each) => ({ id: each, quant: quantOf(each) })));

describe("ON1 a model that is listed", () => {
  property.prop([catalog])("is meant by the name it is listed by, and no other is", (all) => {
    for (const model of all) expect(modelsMeant(listedName(model, all), all)).toEqual([model]);
    for (const model of all) expect(idOf(listedName(model, all), all)).toBe(model.id);
  });

  test("is listed as clients know it: with a tag, or under its hub", () => {
    const all = [{ id: "hf:bees/tiny-GGUF/tiny-Q4_0.gguf", quant: "Q4_0" }];
    expect(listedName({ id: "starter", quant: "" }, all)).toBe("starter:latest");
    expect(all.map((model) => listedName(model, all))).toEqual(["hf.co/bees/tiny-GGUF:Q4_0"]);
  });

  test("is listed by its file where its repository has two of its kind", () => {
    const all = ["a-Q4_0.gguf", "b-Q4_0.gguf"].map((name) => ({ id: `hf:bees/two/${name}`, quant: "Q4_0" }));
    expect(all.map((model) => listedName(model, all))).toEqual(all.map((model) => model.id));
  });
});
