/**
 * Goal: whichever dialect a client speaks, one job says one text to it: whole or streamed, to its end or to its break.
 * Method: generated jobs, with news in between, told by every shape of text; each put together as its clients do.
 *
 * @see src/doors/openai/text.ts, OT1 OT2; src/doors/ollama/text.ts, OX1 OX2; src/doors/run.ts, RN2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ollamaRoutes } from "../../../src/doors/ollama/routes.ts";
import { openaiRoutes } from "../../../src/doors/openai/routes.ts";
import type { RunSeat } from "../../../src/doors/run.ts";
import type { StreamItem } from "../../../src/protocol/ports.ts";
import type { Route } from "../../../src/protocol/route.ts";
import { DialectStage, done, FAILED, said } from "../../support/dialect-stage.ts";
import { modelsSeat } from "../../support/models-seat.ts";

interface Shape {
  readonly routesOf: (seat: RunSeat) => readonly Route[];
  readonly path: string;
  readonly body: (stops: readonly string[]) => object;
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
    body: (stop) => ({ model: "m", messages, stop }),
    whole: ["choices", 0, "message", "content"],
    piece: ["choices", 0, "delta", "content"],
  },
  {
    ...openai,
    path: "/v1/completions",
    body: (stop) => ({ model: "m", prompt: "Hello", stop }),
    whole: ["choices", 0, "text"],
    piece: ["choices", 0, "text"],
  },
  {
    ...ollama,
    path: "/api/chat",
    body: (stop) => ({ model: "m", messages, options: { stop } }),
    whole: ["message", "content"],
    piece: ["message", "content"],
  },
  {
    ...ollama,
    path: "/api/generate",
    body: (stop) => ({ model: "m", prompt: "Hello", options: { stop } }),
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
async function streamed({ routesOf, path, body, piece, isEnd }: Shape, stops: readonly string[], items: StreamItem[]) {
  const { data, code } = await new DialectStage(routesOf, ...items).stream(path, { ...body(stops), stream: true });
  const texts = data.map((event) => at(event, piece)).filter((text) => typeof text === "string");
  return { text: texts.join(""), ended: isEnd(data.at(-1)), code };
}

async function whole({ routesOf, path, body, whole: place }: Shape, stops: readonly string[], items: StreamItem[]) {
  const stage = new DialectStage(routesOf, ...items);
  return stage.json(path, { ...body(stops), stream: false }).then((json) => at(json, place));
}

const NEWS: StreamItem[] = [
  { type: "note", note: { type: "queued", position: 1 } },
  { type: "loading", model: "m", fraction: 0.5, step: "load" },
];
const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n", "é", "🐝", '"', "\\"), maxLength: 4 });
const pieces = fc.array(letters, { maxLength: 12 });
const stops = fc.array(
  letters.filter((text) => text !== ""),
  { maxLength: 3 },
);
const told = (texts: readonly string[], end: StreamItem): StreamItem[] => [...NEWS, ...said(...texts), ...NEWS, end];

describe("every shape of text", () => {
  test.prop([pieces, fc.constantFrom("stop", "length")])(
    "OT2 OX2 says all that the job said",
    async (texts, finish) => {
      for (const shape of SHAPES) {
        const items = told(texts, done(finish));
        expect(await whole(shape, [], items)).toBe(texts.join(""));
        expect(await streamed(shape, [], items)).toEqual({ text: texts.join(""), ended: true, code: undefined });
      }
    },
  );

  test.prop([pieces, stops])("OT2 OX2 ends at the same place before a stop string", async (texts, cuts) => {
    const items = told(texts, done());
    const [first] = SHAPES;
    const text = first === undefined ? undefined : await whole(first, cuts, items);
    for (const cut of cuts) expect(text).not.toContain(cut);
    for (const shape of SHAPES) {
      expect(await whole(shape, cuts, items)).toBe(text);
      expect(await streamed(shape, cuts, items)).toEqual({ text, ended: true, code: undefined });
    }
  });

  test.prop([pieces])("OT1 OX1 RN2 breaks where the job does, and calls that no end", async (texts) => {
    for (const shape of SHAPES) {
      const items = told(texts, FAILED);
      expect(await streamed(shape, [], items)).toEqual({ text: texts.join(""), ended: false, code: "worker.hung" });
      await expect(whole(shape, [], items)).rejects.toMatchObject({ code: "worker.hung" });
    }
  });
});
