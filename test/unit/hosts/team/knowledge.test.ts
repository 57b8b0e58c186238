/**
 * Goal: a question finds what belongs to it, by meaning where a model can compare; what is forgotten is in no file.
 * Method: the real handlers of the knowledge on a stage, an archive on disk, and a model that is told what it means.
 *
 * @see src/hosts/team/knowledge.ts, KS1 to KS3
 * @module
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Vector } from "../../../../machines/rules/retrieve.ts";
import type { Address } from "../../../../machines/words.ts";
import { knowledgeBehaviour } from "../../../../src/actors/team/knowledge.ts";
import { knowledge, storeTables, vectors } from "../../../../src/actors/team/tables.ts";
import { Archive } from "../../../../src/hosts/team/archive.ts";
import { Knowledge } from "../../../../src/hosts/team/knowledge.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { Command, Scope } from "../../../../src/runtime/behaviour.ts";
import type { Message } from "../../../../src/runtime/envelope.ts";
import { Stage } from "../../../support/stage.ts";
import { logOf, openedBody, said } from "../../../support/team-rows.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const { machine, handlers } = knowledgeBehaviour();
type Handler = (params: unknown, scope: Scope) => readonly Command[];
type On = Readonly<Record<string, { readonly actions?: string }>>;
const serving = machine.config.states?.["serving"]?.on as On;

interface Given {
  /** In memory. */
  readonly model?: string;
  /** What it means by a text; nothing, and it has no vector for it. */
  readonly means?: (text: string) => readonly number[] | undefined;
}

function stageOf({ model, means = () => undefined }: Given = {}) {
  const store = new Stage("store/knowledge/main", storeTables);
  const embedded: string[] = [];
  let serial = 0;
  const put = (event: Message): readonly Command[] => {
    serial += 1;
    const action = serving[event.type]?.actions ?? "";
    return store.play(handlers[action] as Handler, {}, { event, asked: true, serial });
  };
  const archive = new Archive(join(temporaryFolder(), "sessions"));
  const seat = new Knowledge({
    archive,
    doors: {
      async ask<Answer>(_to: Address, event: Message) {
        const reply = put(event).find((command) => command.do === "reply");
        if (reply?.do !== "reply") throw new Error("it was not answered");
        if (!reply.result.ok) throw new RbeeError(reply.result.error.code, reply.result.error.message);
        return reply.result.event as Answer;
      },
      tell: (_to, event) => void put(event),
    },
    meaning: {
      model: async () => model,
      async of(text, of, label): Promise<Vector | undefined> {
        embedded.push(`${label}: ${text}`);
        const values = means(text);
        return values === undefined ? undefined : { model: of, values };
      },
    },
  });
  return { seat, store, archive, embedded };
}

describe("a question", () => {
  test("KS1 is answered by words where no model is in memory, and says so", async () => {
    const { seat } = stageOf();
    await seat.teach("The cat is called Miso.", "private");
    const found = await seat.search("what is the cat called?", 5);
    expect(found).toMatchObject({ found: [{ text: "The cat is called Miso.", by: "words" }] });
    expect(found).not.toHaveProperty("model");
  });

  test("KS1 is answered by meaning where one is, what is known being shown to it first, under its own label", async () => {
    const means = (text: string): readonly number[] => (/cat|feline/i.test(text) ? [1, 0] : [0, 1]);
    const { seat, store, embedded } = stageOf({ model: "m", means });
    await seat.teach("The cat is called Miso.", "secret");
    await seat.teach("The engine is red.", "internal");
    const { model, found } = await seat.search("any feline?", 5);
    expect([model, found.map(({ text, by }) => `${text} ${by}`)]).toEqual(["m", ["The cat is called Miso. meaning"]]);
    expect(embedded).toEqual([
      "secret: The cat is called Miso.",
      "internal: The engine is red.",
      "private: any feline?",
    ]);
    expect(Object.keys(store.all(vectors))).toHaveLength(2);
    await seat.search("any feline?", 5);
    expect(embedded).toHaveLength(4);
  });

  test("KS1 is answered by words where the model has no vector for it, or nothing is known", async () => {
    const { seat, embedded } = stageOf({ model: "m" });
    expect(await seat.search("the cat", 5)).toEqual({ schemaVersion: 1, found: [] });
    expect(embedded).toEqual([]);
    await seat.teach("The cat is called Miso.", "private");
    const found = await seat.search("the cat called", 5);
    expect(found).toMatchObject({ found: [{ by: "words" }] });
    expect(found).not.toHaveProperty("model");
  });

  test("KS2 of a discussion is given the nearest, shortened, none more private than itself, and it counts as a use", async () => {
    const { seat, store } = stageOf();
    for (const [text, label] of [
      ["cat one", "private"],
      ["cat two", "public"],
      [`cat ${"three ".repeat(200)}`, "public"],
      ["cat four", "public"],
      ["cat five", "internal"],
    ] as const) {
      await seat.teach(text, label);
    }
    const known = await seat.known("the cat", "internal");
    expect(known).toHaveLength(3);
    expect(known.map(({ text }) => text)).not.toContain("cat one");
    expect(Math.max(...known.map(({ text }) => text.length))).toBeLessThanOrEqual(600);
    expect(Object.keys(store.all(knowledge))).toHaveLength(5);
  });
});

describe("what is forgotten", () => {
  test("KS3 is in what is known no more, and in no file of a discussion that was given it", async () => {
    const { seat, archive } = stageOf();
    const id = await seat.teach("The cat is called Miso.", "private");
    const log = logOf(openedBody({ knowledge: [{ id, text: "The cat is called Miso." }] }), said("a", 1, "So."));
    await new Promise((resolve) => {
      const event = { type: "keep", discussion: "d1", session: "s1", log };
      archive.ask({ id: "x", from: "store/discussion/d1", event, deadlineMs: 0 }, resolve);
    });
    expect(await seat.forget(id)).toEqual({ schemaVersion: 1, id, removed: true, redacted: ["s1"] });
    expect(await seat.list()).toEqual([]);
    expect(JSON.stringify(await archive.find("d1"))).not.toContain("Miso");
    await expect(seat.forget(id)).rejects.toMatchObject({ code: "request.not.found" });
  });
});
