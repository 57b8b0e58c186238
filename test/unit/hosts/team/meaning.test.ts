/**
 * Goal: a text has the vector of a model that is in memory, or none; nobody waits long, and nothing is loaded for it.
 *
 * @see src/hosts/team/meaning.ts, VE1 to VE4
 * @module
 */
import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../../../machines/request.ts";
import { Meaning, REST_MS } from "../../../../src/hosts/team/meaning.ts";
import type { ErrorCode } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";

const VECTOR = new Uint8Array(new Float32Array([0.5, -0.5]).buffer);
const usage = { promptTokens: 1, completionTokens: 0, firstTokenMs: 1, totalMs: 1 };
const placed = { model: "m", worker: "w", attempts: 1, queuedMs: 0, loadMs: 0 };

/** @param fails the code with which every job of this model ends, or each in its order */
function stage(models: readonly string[], fails: Readonly<Record<string, ErrorCode | readonly ErrorCode[]>> = {}) {
  const asked: JobRequest[] = [];
  const clock = { nowMs: 0 };
  const meaning = new Meaning({
    nowMs: () => clock.nowMs,
    models: async () => models,
    seat: Promise.resolve({
      async submit(request: JobRequest) {
        asked.push(request);
        return { job: `j${asked.length}`, state: "running" as const, position: 0 };
      },
      cancel: async () => {},
      async *read(job: string): AsyncGenerator<StreamItem> {
        const at = Number(job.slice(1)) - 1;
        const its = fails[asked[at]?.model ?? ""];
        const code = typeof its === "object" ? its[at] : its;
        if (code !== undefined) {
          const failure = { code, class: "terminal", message: "no" } as const;
          return yield { type: "end", end: { type: "error", failure } };
        }
        const chunk = { job, attempt: 1, index: 0, kind: "embedding", text: "", tokens: 0, bytes: VECTOR } as const;
        yield { type: "chunk", chunk };
        yield { type: "end", end: { type: "done", finish: "stop", usage, ...placed } };
      },
    }),
  });
  return { meaning, asked, clock };
}

describe("a text", () => {
  test("VE3 has a vector of that model, made under its own label and within its time", async () => {
    const { meaning, asked } = stage(["m"]);
    expect(await meaning.of("The cat", "m", "secret")).toEqual({ model: "m", values: [0.5, -0.5] });
    expect(asked).toMatchObject([
      { capability: "embedding", model: "m", input: ["The cat"], label: "secret", deadlineMs: 2_000 },
    ]);
  });

  test("VE1 has none where no model is in memory, and none is asked for", async () => {
    const { meaning, asked } = stage([]);
    expect(await meaning.model()).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe("the model", () => {
  test("VE1 is the same as long as it is there", async () => {
    const models = ["b", "c"];
    const { meaning } = stage(models);
    expect(await meaning.model()).toBe("b");
    models.push("a");
    expect(await meaning.model()).toBe("b");
    models.splice(0, 1);
    expect(await meaning.model()).toBe("a");
  });

  test("VE1 that has no vectors to give is asked once; one that had no room for a text is asked again", async () => {
    const { meaning, clock } = stage(["a", "b", "c"], { a: "endpoint.refused", b: "context.overflow" });
    expect(await meaning.of("x", "a", "private")).toBeUndefined();
    expect(await meaning.model()).toBe("b");
    expect(await meaning.of("x", "b", "private")).toBeUndefined();
    expect(await meaning.model()).toBe("b");
    clock.nowMs += 10 * REST_MS;
    expect(await meaning.model()).toBe("b");
  });

  test("VE4 that was asked twice at once rests as long as the longer of both answers means", async () => {
    const { meaning, clock } = stage(["a", "b"], { a: ["endpoint.refused", "endpoint.unreachable"] });
    await Promise.all([meaning.of("x", "a", "private"), meaning.of("y", "a", "private")]);
    clock.nowMs += 2 * REST_MS;
    expect(await meaning.model()).toBe("b");
  });

  test.each(["endpoint.unreachable", "job.deadline"] as const)(
    "VE4 that ended with %s is left in peace for a while, and no other takes its place",
    async (code) => {
      const { meaning, asked, clock } = stage(["a", "b"], { a: code });
      expect(await meaning.model()).toBe("a");
      expect(await meaning.of("x", "a", "private")).toBeUndefined();
      expect(await meaning.model()).toBeUndefined();
      expect(await meaning.of("y", "a", "private")).toBeUndefined();
      expect(asked).toHaveLength(1);
      clock.nowMs += REST_MS;
      expect(await meaning.model()).toBe("a");
      await meaning.of("y", "a", "private");
      expect(asked).toHaveLength(2);
    },
  );
});
