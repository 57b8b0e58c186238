/**
 * Goal: a name says which model of which server of the configuration is meant, and can say nothing else.
 *
 * @see src/protocol/remote-name.ts, RM1
 * @module
 */
import { expect, test } from "vitest";
import { remoteName } from "../../../src/protocol/remote-name.ts";

test.each([
  ["openai:gpt-4o@cloud", { kind: "openai", name: "gpt-4o", endpoint: "cloud" }],
  ["openai:meta-llama/Llama-3.1:8b@box-2", { kind: "openai", name: "meta-llama/Llama-3.1:8b", endpoint: "box-2" }],
  ["openai:a@b@c", { kind: "openai", name: "a@b", endpoint: "c" }],
  ["ollama:qwen2.5:7b", { kind: "ollama", name: "qwen2.5:7b", endpoint: "ollama" }],
] as const)("%s is a model and where it is", (text, parts) => {
  expect(remoteName(text)).toEqual(parts);
});

test.each([
  "openai:gpt-4o",
  "openai:@cloud",
  "openai:gpt@",
  "openai:gpt@http://1.2.3.4/",
  "openai:gpt@1.2.3.4:80",
  "openai:a b@cloud",
  "openai:a\n@cloud",
  "openai:-a@cloud",
  `openai:${"a".repeat(300)}@cloud`,
  "ollama:",
  "ollama:a b",
  "ollama:a@b",
  "starter",
])("RM1 %j names no server", (text) => {
  expect(remoteName(text)).toBeUndefined();
});
