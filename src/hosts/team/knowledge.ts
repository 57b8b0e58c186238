/**
 * What the team knows, as a question finds it and its owner sees it.
 *
 * Owns: the way from a question to what is known about it, and from forgetting to the last file that has it. Does not
 * own: what is known (src/actors/team/knowledge.ts), vectors (meaning.ts).
 *
 *  KS1 A question is answered by meaning where a model in memory can compare, by words where none can, and says which.
 *  KS2 A discussion is given the nearest only, shortened, and nothing that is more private than itself.
 *  KS3 Forgotten means: not in what is known, and not in the file of any discussion that was given it.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { KnowledgeEvent } from "../../../machines/knowledge.ts";
import { wholeOf } from "../../../machines/rules/learn.ts";
import type { Known } from "../../../machines/rules/log.ts";
import type { Question } from "../../../machines/rules/retrieve.ts";
import { address, type Address, type Label } from "../../../machines/words.ts";
import type {
  ForgottenEvent,
  FoundEvent,
  KnownRow,
  LackingEvent,
  ListedEvent,
  TaughtEvent,
} from "../../actors/team/knowledge.ts";
import type { KnowledgeSeat } from "../../doors/knowledge.ts";
import type { FoundView, KnownForgotten, KnownView } from "../../protocol/knowledge-api.ts";
import type { Message } from "../../runtime/envelope.ts";
import { event } from "../../runtime/reading.ts";
import type { DoorAsks } from "../porter/door-asks.ts";
import { patiently } from "../porter/patience.ts";
import type { Archive } from "./archive.ts";
import type { Meaning } from "./meaning.ts";

const toKnowledge = event<KnowledgeEvent>();

const KNOWLEDGE: Address = address("store", "knowledge", "main");
const ANSWER_MS = 30_000;
/** Nobody waits longer for vectors of what is known; those that come later serve the next question. */
const FILLING_MS = 1_500;
/** KS2. What leaves room for the question. */
const GIVEN_MAX = 3;
const GIVEN_LENGTH_MAX = 600;

export interface KnowledgeParts {
  readonly doors: Pick<DoorAsks, "ask" | "tell">;
  readonly archive: Archive;
  readonly meaning: Pick<Meaning, "model" | "of">;
}

export class Knowledge implements KnowledgeSeat {
  readonly #parts: KnowledgeParts;
  /** What has no vector yet gets one, behind whoever asks. */
  #filling: Promise<void> | undefined;

  constructor(parts: KnowledgeParts) {
    this.#parts = parts;
  }

  async list(): Promise<readonly KnownView[]> {
    return (await this.#ask<ListedEvent>({ type: "list" })).known.map(viewOf);
  }

  /** KS1. */
  async search(text: string, limit: number): Promise<FoundView> {
    const question = await this.#questionOf(text, "private");
    const { found } = await this.#ask<FoundEvent>({ type: "search", question, label: "secret", limit, isUse: false });
    const model = question.vector?.model;
    return {
      schemaVersion: 1,
      ...(model === undefined ? {} : { model }),
      found: found.map(({ score, by, ...row }) => ({ ...viewOf(row), score, by })),
    };
  }

  /** KS2. What a discussion of this question begins with. */
  async known(text: string, label: Label): Promise<readonly Known[]> {
    const question = await this.#questionOf(text, label);
    const made = { type: "search", question, label, limit: GIVEN_MAX, isUse: true } as const;
    const { found } = await this.#ask<FoundEvent>(made);
    return found.map((row) => ({ id: row.id, text: wholeOf(row).slice(0, GIVEN_LENGTH_MAX) }));
  }

  async teach(text: string, label: Label): Promise<string> {
    // Taught twice it is known once: it may be asked again.
    return (await this.#ask<TaughtEvent>({ type: "teach", text, label })).id;
  }

  /** KS3. */
  async forget(id: string): Promise<KnownForgotten> {
    const { archive } = this.#parts;
    const { known } = await this.#ask<ForgottenEvent>({ type: "forget", id });
    // What is being kept at this moment is looked at as well: the archive waits for it.
    const redacted = [...(await archive.redact(id))];
    const { origin } = known;
    const whence = origin.by === "discussion" ? { session: origin.session } : {};
    return { schemaVersion: 1, id, removed: true, redacted, ...whence };
  }

  /** What was learnt in a session goes with it, and what its agents kept. */
  async forgetSession(session: string): Promise<void> {
    await this.#ask({ type: "forget.session", session });
  }

  /** KS1. Nothing is compared by meaning where nothing is known. */
  async #questionOf(text: string, label: Label): Promise<Question> {
    const { meaning } = this.#parts;
    const model = await meaning.model();
    if (model === undefined) return { text };
    const { known, pieces } = await this.#ask<LackingEvent>({ type: "lacking", model });
    if (known === 0) return { text };
    if (pieces.length > 0) {
      this.#filling ??= this.#fill(model, pieces).finally(() => (this.#filling = undefined));
      await Promise.race([this.#filling, pause(FILLING_MS, undefined, { ref: false })]);
    }
    const vector = await meaning.of(text, model, label);
    return vector === undefined ? { text } : { text, vector };
  }

  async #fill(model: string, pieces: LackingEvent["pieces"]): Promise<void> {
    for (const { id, text, label } of pieces) {
      const vector = await this.#parts.meaning.of(text, model, label);
      // Who is in such a hurry, or has no vectors to give, is asked again with the next question.
      if (vector === undefined) return;
      this.#parts.doors.tell(KNOWLEDGE, toKnowledge({ type: "embedded", id, text, vector }));
    }
  }

  #ask<Answer extends Message>(asked: KnowledgeEvent): Promise<Answer> {
    return patiently(() => this.#parts.doors.ask<Answer>(KNOWLEDGE, toKnowledge(asked), ANSWER_MS));
  }
}

const viewOf = ({ createdAt, accessedAt, ...its }: KnownRow): KnownView => ({
  ...its,
  createdAt: new Date(createdAt).toISOString(),
  accessedAt: new Date(accessedAt).toISOString(),
});
