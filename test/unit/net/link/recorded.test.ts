/**
 * Goal: what machines of a version have said is understood for as long as that version is said to be spoken.
 * Method: the frames that were recorded of two real machines are read as those that arrive.
 *
 * @see test/recorded/README.md; src/net/link/hello.ts, HE1; src/net/link/messages.ts, ME1 ME2;
 *   src/hosts/cluster/talk.ts, TA1
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTalk } from "../../../../src/hosts/cluster/talk.ts";
import { helloOf, judge } from "../../../../src/net/link/hello.ts";
import { type Hello, hear } from "../../../../src/net/link/words.ts";
import * as events1 from "../../../recorded/link-1.ts";
import * as events2 from "../../../recorded/link-2.ts";
import { eventsIn, type LinkRecord, MessageReader, plain } from "../../../support/record-link.ts";

const SELF = helloOf({ cluster: "home", node: "alpha", life: 1, instance: "alpha-1", roles: ["queen"] });
const EVENTS: Readonly<Record<number, unknown>> = {
  1: { hive: events1.hive, queen: events1.queen, worker: events1.worker },
  2: { hive: events2.hive, queen: events2.queen, worker: events2.worker },
};

const recordOf = (version: number): LinkRecord =>
  JSON.parse(readFileSync(new URL(`../../../recorded/link-${version}.json`, import.meta.url), "utf8")) as LinkRecord;

const { min, max } = SELF.versions;
const spoken = Array.from({ length: max - min + 1 }, (_, at) => min + at);

describe.each(spoken)("RC6 what a machine of version %i has said", (version) => {
  const { hello, messages } = recordOf(version);

  test("lets it in, and that version is spoken with it", () => {
    const theirs = hear(hello) as Hello;
    expect(judge({ ...SELF, cluster: theirs.cluster }, theirs)).toEqual({ ok: true, version });
  });

  test.each(messages.map((each) => [each.name, each] as const))("is read as it was: %s", (name, recorded) => {
    const heard = new MessageReader().read(Buffer.from(recorded.frame, "base64"));
    expect(heard.map(({ lane }) => lane)).toEqual(heard.map(() => recorded.lane));
    const [first] = heard;
    expect(plain(first?.message)).toEqual(recorded.message);
    if (name !== "mail together") expect(heard.map((each) => each.name)).toContain(name);
    // Of what is read no more is taken than is known.
    if (first?.message.kind === "note") expect(first.message.value).toMatchObject(readTalk(first.message.value));
  });

  test("is what the machines of today know: the compiler has looked", () => {
    expect(EVENTS[version]).toEqual(eventsIn(messages));
  });
});

test("RC6 HE1 of two versions the lower is spoken where both know it; two apart, neither lets the other in", () => {
  const speaks = (node: string, low: number, high: number): Hello => ({
    ...SELF,
    node,
    instance: `${node}-1`,
    versions: { min: low, max: high },
  });
  const [earlier, present, later] = [speaks("a", max, max), speaks("b", max, max + 1), speaks("c", max + 1, max + 2)];
  for (const [one, other, version] of [
    [earlier, present, max],
    [present, later, max + 1],
  ] as const) {
    expect([judge(one, other), judge(other, one)]).toEqual(Array.from({ length: 2 }, () => ({ ok: true, version })));
  }
  for (const verdict of [judge(earlier, later), judge(later, earlier)])
    expect(verdict).toMatchObject({ ok: false, error: { code: "link.version" } });
});
