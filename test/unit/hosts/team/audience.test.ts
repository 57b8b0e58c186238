/**
 * Goal: a listener hears the whole log from where it asked, once and in order, and words while they are said.
 *
 * @see src/hosts/team/audience.ts, AU1 to AU3
 * @module
 */
import { describe, expect, test } from "vitest";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import { Audience } from "../../../../src/hosts/team/audience.ts";
import type { DiscussionEvent } from "../../../../src/protocol/discussion-api.ts";
import { logOf, openedBody, said } from "../../../support/team-rows.ts";

const log = logOf(
  openedBody(),
  said("a", 1, "Left."),
  said("b", 2, "Right."),
  { type: "closing", reason: "all_idle" },
  {
    type: "final",
    upTo: 2,
    text: "So.",
    by: "extract",
    minority: [],
    worth: { tokens: 1, ms: 1, contributions: 2, flips: 0 },
  },
);
const words = (text: string) => ({ type: "token", agent: "a", turn: 1, offset: 0, text }) as const;
const publish = (audience: Audience, events: readonly LogEvent[], discussion = "d1"): Promise<unknown> =>
  new Promise((resolve) => {
    const event = { type: "publish", discussion, events };
    audience.ask({ id: "x", from: "store/discussion/d1", event, deadlineMs: 0 }, resolve);
  });
const told = (event: DiscussionEvent): string => ("seq" in event ? String(event.seq) : event.text);

async function heard(listening: AsyncIterable<DiscussionEvent>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const event of listening) all.push(told(event));
  return all;
}
const never = (): AbortSignal => new AbortController().signal;

describe("a listener", () => {
  test("AU1 hears each event once, in order, whatever was written while it asked for the earlier ones", async () => {
    const audience = new Audience();
    const asked = Promise.withResolvers<readonly LogEvent[]>();
    const all = heard(audience.listen("d1", 0, () => asked.promise, never()));
    await publish(audience, log.slice(0, 3));
    await publish(audience, log.slice(2, 4));
    await publish(audience, log.slice(0, 2), "d2");
    asked.resolve(log.slice(0, 3));
    await publish(audience, log.slice(3));
    expect(await all).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("AU1 hears from the event that it names, of a discussion that is over too", async () => {
    const audience = new Audience();
    expect(await heard(audience.listen("d1", 2, async () => log.slice(2), never()))).toEqual(["2", "3", "4"]);
  });

  test("AU2 that comes late hears what the open turns have said so far, whole, and nothing of those that have ended", async () => {
    const audience = new Audience();
    const log2 = [...log.slice(0, 1), ...log.slice(2)];
    audience.words("d1", words("Le"));
    audience.words("d1", { ...words("ft."), offset: 2 });
    audience.words("d1", { ...words("Ri"), turn: 2, agent: "b" });
    audience.words("d1", { ...words("the end of it"), turn: 3, offset: 9 });
    const asked = Promise.withResolvers<readonly LogEvent[]>();
    const both = heard(audience.listen("d1", 0, async () => log.slice(0, 1), never()));
    const waits = heard(audience.listen("d1", 0, () => asked.promise, never()));
    await publish(audience, log.slice(1, 2));
    const one = heard(audience.listen("d1", 0, async () => log.slice(0, 2), never()));
    // Its end was written while somebody asked for the log.
    asked.resolve(log.slice(0, 2));
    await publish(audience, log.slice(2));
    expect(await both).toEqual(["0", "Left.", "Ri", "1", "2", "3", "4"]);
    expect(await waits).toEqual(["0", "1", "Ri", "2", "3", "4"]);
    expect(await one).toEqual(["0", "1", "Ri", "2", "3", "4"]);
    expect(await heard(audience.listen("d1", 0, async () => log2, never()))).toEqual(["0", "2", "3", "4"]);
  });

  test("AU2 hears words as they come, between the events where they were said; of what is over nothing is kept", async () => {
    const audience = new Audience();
    const early = heard(audience.listen("d1", 0, async () => [], never()));
    await publish(audience, log.slice(0, 1));
    audience.words("d1", words("Le"));
    audience.words("d2", words("no"));
    await publish(audience, log.slice(1));
    const late = heard(audience.listen("d1", 0, async () => log, never()));
    expect(await early).toEqual(["0", "Le", "1", "2", "3", "4"]);
    expect(await late).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("AU3 stream.slow: that takes nothing is cut off above a bound, and may come again from where it was", async () => {
    const audience = new Audience();
    const asked = Promise.withResolvers<readonly LogEvent[]>();
    const slow = audience.listen("d1", 0, () => asked.promise, never());
    const first = slow.next();
    for (let count = 0; count <= 20_000; count += 1) audience.words("d1", words("."));
    asked.resolve(log.slice(0, 1));
    expect((await first).value).toMatchObject({ seq: 0 });
    await expect(slow.next()).rejects.toMatchObject({ code: "stream.slow" });
    expect(await heard(audience.listen("d1", 1, async () => log.slice(1), never()))).toEqual(["1", "2", "3", "4"]);
  });

  test("TH2 goes when it wants to, and nobody else notices", async () => {
    const audience = new Audience();
    const leaving = new AbortController();
    const gone = heard(audience.listen("d1", 0, async () => [], leaving.signal));
    const stays = heard(audience.listen("d1", 0, async () => [], never()));
    await publish(audience, log.slice(0, 1));
    leaving.abort();
    await gone;
    await publish(audience, log.slice(1));
    expect(await stays).toEqual(["0", "1", "2", "3", "4"]);
  });
});
