/**
 * Goal: whichever dialect a client speaks, one job says one text to it: whole or streamed, to its end or to its break.
 * Method: generated jobs, with news in between, told by every shape of text; each put together as its clients do.
 *
 * @see src/doors/openai/text.ts, OT1 OT2; src/doors/ollama/text.ts, OX1 to OX3; src/doors/run.ts, RN2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { z } from "zod";
import { ollamaRoutes } from "../../../src/doors/ollama/routes.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../src/doors/run.ts";
import type { StreamItem } from "../../../src/protocol/ports.ts";
import type { Route } from "../../../src/protocol/route.ts";
import { DialectStage, done, FAILED, pieces as saidInPieces, said } from "../../support/dialect-stage.ts";
import { modelsSeat } from "../../support/models-seat.ts";

interface Shape {
  readonly routesOf: (seat: RunSeat) => readonly Route[];
  readonly path: string;
  readonly body: object;
  /** Where the text stands in a whole answer, and in an event of a stream. */
  readonly whole: readonly (string | number)[];
  readonly piece: readonly (string | number)[];
  readonly isEnd: (last: unknown) => boolean;
}

const nobody = (): Promise<never> => Promise.reject(new Error("not asked"));
const openai = {
  routesOf: (seat: RunSeat) => openaiRoutes(seat, () => 0),
  isEnd: (last: unknown) => last === "[DONE]",
};
const ollama = {
  routesOf: (seat: RunSeat) => ollamaRoutes({ ...seat, status: nobody, stopWorker: nobody }, modelsSeat(), () => 0),
  isEnd: (last: unknown) => at(last, ["done"]) === true,
};
const messages = [{ role: "user", content: "Hello" }];

const SHAPES: readonly Shape[] = [
  {
    ...openai,
    path: "/v1/chat/completions",
    body: { model: "m", messages },
    whole: ["choices", 0, "message", "content"],
    piece: ["choices", 0, "delta", "content"],
  },
  {
    ...openai,
    path: "/v1/completions",
    body: { model: "m", prompt: "Hello" },
    whole: ["choices", 0, "text"],
    piece: ["choices", 0, "text"],
  },
  {
    ...ollama,
    path: "/api/chat",
    body: { model: "m", messages },
    whole: ["message", "content"],
    piece: ["message", "content"],
  },
  {
    ...ollama,
    path: "/api/generate",
    body: { model: "m", prompt: "Hello" },
    whole: ["response"],
    piece: ["response"],
  },
];

const at = (value: unknown, path: Shape["whole"]): unknown =>
  path.reduce<unknown>(
    (inside, key) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );

/** What a client has of the job by the stream, and whether it was told that this is all. */
async function streamed({ routesOf, path, body, piece, isEnd }: Shape, items: StreamItem[]) {
  const { data, code } = await new DialectStage(routesOf, ...items).stream(path, { ...body, stream: true });
  const texts = data.map((event) => at(event, piece)).filter((text) => typeof text === "string");
  return { text: texts.join(""), ended: isEnd(data.at(-1)), code };
}

async function whole({ routesOf, path, body, whole: place }: Shape, items: StreamItem[]) {
  const stage = new DialectStage(routesOf, ...items);
  return stage.json(path, { ...body, stream: false }).then((json) => at(json, place));
}

const NEWS: StreamItem[] = [
  { type: "note", note: { type: "queued", position: 1 } },
  { type: "loading", model: "m", fraction: 0.5, step: "load" },
];
const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n", "é", "🐝", '"', "\\"), maxLength: 4 });
const pieces = fc.array(letters, { maxLength: 12 });
const told = (texts: readonly string[], end: StreamItem): StreamItem[] => [...NEWS, ...said(...texts), ...NEWS, end];

/** Keys are plain: JSON.parse of some versions of V8 takes a key that is a quote for a backslash that it has seen. */
const args = fc.dictionary(fc.constantFrom("a", "b", "é"), fc.oneof(letters, fc.integer(), fc.array(letters)));
const calls = fc.array(fc.tuple(fc.constantFrom("act", "rest"), args), { minLength: 1, maxLength: 4 });
const cut = (json: string): (readonly ["arguments", string])[] =>
  [json.slice(0, 3), json.slice(3, 9), json.slice(9)].filter((part) => part !== "").map((part) => ["arguments", part]);

/** Arguments are JSON in one dialect, and what it says in the other. */
const callsIn = (heard: unknown): unknown =>
  toolCalls
    .parse(heard)
    .map(({ function: { name, arguments: given } }) => [
      name,
      typeof given === "string" ? given : JSON.stringify(given),
    ]);
const toolCalls = z.array(z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) }));

test.prop([pieces, calls])("OT2 OX2 OX3 every shape of a chat tells the same calls", async (texts, called) => {
  const words = texts.map((text) => ["text", text] as const);
  const items = [
    ...NEWS,
    ...saidInPieces(
      ...words,
      ...called.flatMap(([name, given]) => [["call", name] as const, ...cut(JSON.stringify(given))]),
    ),
    done("tool_calls"),
  ];
  const answerOf = (path: string, routesOf: Shape["routesOf"]): Promise<unknown> =>
    new DialectStage(routesOf, ...items).json(path, { model: "m", messages, stream: false });
  const asked = await answerOf("/v1/chat/completions", openai.routesOf);
  const theirs = at(asked, ["choices", 0, "message", "tool_calls"]);
  const ours = at(await answerOf("/api/chat", ollama.routesOf), ["message", "tool_calls"]);
  const { data } = await new DialectStage(ollama.routesOf, ...items).stream("/api/chat", { model: "m", messages });
  const inPieces = data.flatMap((event) => at(event, ["message", "tool_calls"]) ?? []);
  const made = called.map(([name, given]) => [name, JSON.stringify(given)]);
  for (const heard of [theirs, ours, inPieces]) expect(callsIn(heard)).toEqual(made);
});

describe("every shape of text", () => {
  test.prop([pieces, fc.constantFrom("stop", "length")])(
    "OT2 OX2 says all that the job said",
    async (texts, finish) => {
      for (const shape of SHAPES) {
        const items = told(texts, done(finish));
        expect(await whole(shape, items)).toBe(texts.join(""));
        expect(await streamed(shape, items)).toEqual({ text: texts.join(""), ended: true, code: undefined });
      }
    },
  );

  test.prop([pieces])("OT1 OX1 RN2 breaks where the job does, and calls that no end", async (texts) => {
    for (const shape of SHAPES) {
      const items = told(texts, FAILED);
      expect(await streamed(shape, items)).toEqual({ text: texts.join(""), ended: false, code: "worker.hung" });
      await expect(whole(shape, items)).rejects.toMatchObject({ code: "worker.hung" });
    }
  });
});
