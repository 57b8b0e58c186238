/**
 * What mail of version 2 says, for the compiler: written by test/integration/link-record.test.ts.
 *
 * @module
 */
import type { HiveEvent } from "../../machines/hive.ts";
import type { ExecuteAsk } from "../../src/protocol/worker.ts";
import type { QueenEvent } from "../../machines/queen-events.ts";

const TO_HIVE = [
  { type: "lease", epoch: 1, forMs: 9000 },
  { type: "inventory", epoch: 1 },
  { type: "start.worker", epoch: 1, worker: "w44", model: "starter", instead: [] },
  {
    type: "stop.worker",
    epoch: 1,
    worker: "w44",
    end: { code: "interrupted", class: "cancelled", message: "it was stopped on request" },
  },
  { type: "drain", epoch: 1 },
] as const;
export const hive: readonly HiveEvent[] = TO_HIVE;

const TO_WORKER = [
  {
    type: "execute",
    job: "j43",
    attempt: 1,
    request: {
      capability: "text",
      model: "starter",
      prompt: "hello",
      messages: undefined,
      input: undefined,
      maxTokens: 64,
      temperature: undefined,
      seed: undefined,
      jsonSchema: undefined,
      sampling: undefined,
      stops: undefined,
      tools: undefined,
      priority: 5,
      deadlineMs: undefined,
      label: "private",
      node: "beta",
      idempotencyKey: undefined,
    },
    said: { pieces: [], tokens: 0 },
  },
] as const;
export const worker: readonly ExecuteAsk[] = TO_WORKER;

const TO_QUEEN = [
  { type: "hive.inventory", hive: "hive@beta/hive/main", workers: [] },
  { type: "worker.loading", worker: "w44", pid: 10037 },
  {
    type: "worker.ready",
    worker: "w44",
    facts: {
      architecture: "llama",
      parameters: 2524992,
      contextTokens: 4096,
      slots: 4,
      embeddingDims: 192,
      chatTemplate: true,
      backend: "cpu",
      memoryBytes: 32587776,
    },
    port: 8001,
  },
  {
    type: "worker.stopping",
    worker: "w44",
    end: { code: "interrupted", class: "cancelled", message: "it was stopped on request" },
  },
  {
    type: "worker.gone",
    worker: "w44",
    end: { code: "interrupted", class: "cancelled", message: "it was stopped on request" },
    exit: { exitCode: 0, signal: undefined, after: "request" },
    how: "exit code 0",
  },
  { type: "worker.weighed", worker: "w75", reservedBytes: 184483840 },
  { type: "hive.restored", hive: "hive@beta/hive/main" },
  { type: "hive.stopped", hive: "hive@beta/hive/main" },
] as const;
export const queen: readonly QueenEvent[] = TO_QUEEN;
