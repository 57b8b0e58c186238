/**
 * Goal: whatever the native engine says becomes one code of the table, and what it says is kept for the person.
 */
import { expect, test } from "vitest";
import { EngineLog, callFailure, loadFailure, missingEngine } from "../../../../../src/actors/engines/llama/failure.ts";
import { RbeeError } from "../../../../../src/protocol/errors.ts";

test("model.unsupported: a model that the engine refuses for a reason nobody foresaw keeps that reason", () => {
  const failure = loadFailure(new Error("tensor layout of tomorrow"), new EngineLog());
  expect(failure).toMatchObject({ code: "model.unsupported" });
  expect(failure.message).toContain("tensor layout of tomorrow");
});

test("engine.missing: an engine that cannot be imported says what is missing", () => {
  expect(missingEngine(new Error("Cannot find package 'node-llama-cpp'"))).toMatchObject({
    code: "engine.missing",
    message: expect.stringContaining("node-llama-cpp") as string,
  });
});

test("engine.failed: a call that breaks is tried again elsewhere, and an error that has a code keeps it", () => {
  expect(callFailure(new Error("decode returned -3"))).toMatchObject({ code: "engine.failed" });
  const own = new RbeeError("context.overflow", "too long");
  expect(callFailure(own)).toBe(own);
});
