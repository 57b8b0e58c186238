/**
 * Goal: whatever an event holds, it is one frame, and what is read of it is what was sent.
 * Method: events of any data through both framings, read as clients read them.
 *
 * @see src/net/framing.ts, FR1 FR2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { createParser } from "eventsource-parser";
import { describe, expect } from "vitest";
import { FRAMINGS } from "../../../src/net/framing.ts";

const datum = fc.oneof(
  fc.jsonValue(),
  fc.record({ text: fc.constantFrom("\n", "\r\n", "\n\n", "\u2028", "data: ", "") }),
);

describe("FR1 events of any data are as many frames", () => {
  test.prop([fc.array(datum, { maxLength: 20 })])("as server-sent events", (data) => {
    const heard: string[] = [];
    const parser = createParser({ onEvent: (event) => void heard.push(event.data) });
    for (const each of data) parser.feed(FRAMINGS.sse.frameOf({ data: each }));
    expect(heard).toEqual(data.map((each) => JSON.stringify(each)));
  });

  test.prop([fc.array(datum, { maxLength: 20 })])("FR2 as lines of JSON, without their names and ids", (data) => {
    const text = data.map((each, id) => FRAMINGS.ndjson.frameOf({ event: "token", id, data: each })).join("");
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    expect(`[${lines.join(",")}]`).toBe(JSON.stringify(data));
  });
});
