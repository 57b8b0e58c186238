/**
 * Goal: every key that comes and goes is told once, as it is in force: by its name and fingerprint, never by itself.
 * Method: the queen's own handlers over her tables, asked through the node's own asks, some of whose answers are lost.
 *
 * @see src/hosts/seats/keys.ts, KR1 to KR3
 * @module
 */
import { expect, test } from "vitest";
import type { QueenEvent } from "../../../../machines/queen-events.ts";
import { answerKeys, createKey, revokeKey } from "../../../../src/actors/queen/keys.ts";
import { DoorAsks } from "../../../../src/hosts/porter/door-asks.ts";
import { KeyRing } from "../../../../src/hosts/seats/keys.ts";
import type { News } from "../../../../src/hosts/watching/news.ts";
import { fingerprintOf, hashOf } from "../../../../src/net/guard.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import type { Frame } from "../../../../src/runtime/envelope.ts";
import { queenStage } from "../../../support/queen-stage.ts";

const HANDLERS = { keys: answerKeys, "create.key": createKey, "revoke.key": revokeKey } as const;
const isAsked = (type: string): type is keyof typeof HANDLERS => Object.hasOwn(HANDLERS, type);

class Place {
  readonly stage = queenStage();
  readonly news: News[] = [];
  readonly ring: KeyRing;
  /** Kinds of questions whose answers are lost. */
  readonly lost = new Set<string>();
  readonly #doors: DoorAsks;
  #asked = 0;

  constructor() {
    this.#doors = new DoorAsks("porter/door/main", (_, frames) => {
      for (const frame of frames) queueMicrotask(() => this.#answer(frame));
    });
    this.ring = new KeyRing(this.#doors, (news) => this.news.push(news));
  }

  #answer(frame: Frame): void {
    if (frame.kind !== "mail") return;
    const { event, re } = frame.envelope;
    const { type } = event;
    if (!isAsked(type)) throw new Error(`${type} is not asked here`);
    const cue = { event: event as QueenEvent, asked: true, serial: (this.#asked += 1) };
    for (const command of this.stage.play(HANDLERS[type], undefined, cue)) {
      if (command.do !== "reply") continue;
      const failed = { ok: false, error: { code: "ask.deadline", message: "lost" } } as const;
      this.#doors.answered(re?.id ?? "", this.lost.has(type) ? failed : command.result);
    }
  }
}

test("KR3 a key that is made or revoked is told by its id, name and fingerprint, one that stood at the start is not", async () => {
  const place = new Place();
  await place.ring.refresh();
  const key = await place.ring.create("phone", []);
  const { id = "" } = (await place.ring.list())[0] ?? {};
  const told = { key: id, name: "phone", fingerprint: fingerprintOf(hashOf(key)) };
  expect(place.news).toEqual([{ event: "key.created", ...told }]);
  await place.ring.refresh();
  await place.ring.revoke("phone");
  expect(place.news.slice(1)).toEqual([{ event: "key.revoked", ...told }]);
  expect(JSON.stringify(place.news)).not.toContain(key.slice("rbee_".length));

  const again = new Place();
  again.stage.play(createKey, undefined, {
    event: { type: "create.key", name: "old", hash: hashOf("rbee_old").toString("hex"), limits: [] },
    asked: true,
    serial: 9,
  });
  await again.ring.refresh();
  expect([again.ring.hashes().size, again.news]).toEqual([1, []]);
});

test("KR2 KR3 a change whose answer was lost is in force and told, one that was refused is not", async () => {
  const { ring, news, lost } = new Place();
  await ring.refresh();
  lost.add("create.key");
  await expect(ring.create("phone", []).catch((thrown: unknown) => errorData(thrown).code)).resolves.toBe(
    "ask.deadline",
  );
  expect([ring.hashes().size, news.map(({ event }) => event)]).toEqual([1, ["key.created"]]);
  lost.clear();
  await expect(ring.create("phone", []).catch((thrown: unknown) => errorData(thrown).code)).resolves.toBe("key.taken");
  await expect(ring.revoke("tablet").catch((thrown: unknown) => errorData(thrown).code)).resolves.toBe(
    "request.not.found",
  );
  expect(news).toHaveLength(1);
});
