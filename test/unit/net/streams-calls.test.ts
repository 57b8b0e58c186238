/**
 * Goal: what is called survives an attempt, and a node, as what it is: names and arguments, and no text (RJ2).
 *
 * @see src/net/streams.ts, S1
 * @module
 */
import { expect, test } from "vitest";
import type { Said } from "../../../machines/job.ts";
import { Streams } from "../../../src/net/streams.ts";
import type { Chunk } from "../../../src/protocol/worker.ts";

const KINDS = ["text", "call", "arguments", "arguments", "call"] as const;
const chunk = (index: number, kind: Chunk["kind"], attempt = 1): Chunk => {
  return { job: "j", attempt, index, kind, text: `${index} `, tokens: 2 };
};

function begun(attempt: number, said: Said): Streams {
  const streams = new Streams({ credit: () => {} });
  const note = { type: "assigned", worker: "w", attempt, why: "" } as const;
  streams.begin({ type: "begin", job: "j", attempt, said, worker: "w", note });
  return streams;
}

test("S1 RJ2 a call that was begun is recalled as one, and stands as one where a node has kept nothing of it", async () => {
  const first = begun(1, { pieces: [], tokens: 0 });
  for (const [index, kind] of KINDS.entries()) first.chunk(chunk(index, kind));
  const said = first.recall("j");
  expect(said).toMatchObject({ calls: [1, 4], tokens: 10 });
  const second = begun(2, said);
  second.chunk(chunk(5, "arguments", 2));
  second.close("j", { type: "error", failure: { code: "job.cancelled", class: "cancelled", message: "" } });
  const kinds: Chunk["kind"][] = [];
  for await (const item of second.read("j", 0, new AbortController().signal) ?? []) {
    if (item.type === "chunk") kinds.push(item.chunk.kind);
  }
  expect(kinds).toEqual([...KINDS, "arguments"]);
  expect(second.recall("j")).toMatchObject({ calls: [1, 4], tokens: 12 });
});
