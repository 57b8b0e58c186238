/**
 * Links on a machine that works for a queen elsewhere: there is one, to hers.
 *
 * Owns: what she is told of this machine, the way of what its workers say to the readers there. Does not own: the link
 * (links.ts), what she asks (answers.ts).
 *
 *  LN3 The hive hears that the link to its queen is gone, also when it begins while there is none.
 *  LN6 What this machine has to offer is told when its link stands and when it has changed (repeats.ts).
 *  LN7 That it is about to go its queen hears before it goes, and over each link anew.
 *
 * @module
 */
import { hostOf } from "../../../machines/words.ts";
import { ChunkRelay } from "../../net/relay.ts";
import type { LoadingNews } from "../../net/streams.ts";
import type { Question } from "../../protocol/machine-api.ts";
import type { Chunk } from "../../protocol/worker.ts";
import type { Porter } from "../porter/porter.ts";
import { QUEEN } from "../porter/residents.ts";
import { FileSenders } from "./file-flow.ts";
import type { Machine, Side, Ways } from "./link-side.ts";
import { Offer } from "./offer.ts";
import { Questions } from "./questions.ts";
import type { MachineFacts, Talk } from "./talk.ts";
import { Tidings } from "./tidings.ts";

export interface MemberSideOptions {
  readonly porter: Porter;
  /** What this machine tells of itself. */
  readonly facts: () => MachineFacts;
  readonly answer: (asked: Question) => Promise<object>;
}

export class MemberSide implements Side {
  readonly role = "hive";
  readonly waitsForTerm = true;
  readonly #options: MemberSideOptions;
  /** The queen's machine, while there is a link. */
  #queens: Machine | undefined;
  #isLeaving = false;
  readonly #tidings: Tidings;
  readonly #offer: Offer;
  readonly #questions: Questions;
  readonly #senders = new FileSenders();
  readonly #relay: ChunkRelay;

  constructor(options: MemberSideOptions, { say }: Pick<Ways, "say">) {
    const { porter } = options;
    this.#options = options;
    this.#tidings = new Tidings(porter);
    this.#offer = new Offer(porter);
    this.#questions = new Questions(say);
    this.#relay = new ChunkRelay({
      send: (worker, chunk) => this.#say({ kind: "chunk", worker, chunk }),
      credit: (worker, job, attempt, chunks) => porter.credit(worker, job, attempt, chunks),
    });
  }

  /** LN7. @returns whether its queen was told */
  leave(): boolean {
    this.#isLeaving = true;
    this.#say({ kind: "leaving" });
    return this.#queens !== undefined;
  }

  /** An earlier queen, or none. */
  cuts(): boolean {
    return true;
  }

  isTold(): boolean {
    return true;
  }

  mayCome(_machine: string, host: string): boolean {
    return host === hostOf(QUEEN);
  }

  maySay(): boolean {
    return true;
  }

  up(machine: Machine): void {
    this.#queens = machine;
    this.#offer.begin();
  }

  letIn(_machine: Machine, tellHosts: () => void): void {
    tellHosts();
    this.tell();
    if (this.#isLeaving) this.#say({ kind: "leaving" });
  }

  down(): void {
    this.#queens = undefined;
    this.#relay.unlinked();
    this.#tidings.alone();
  }

  /** LN3. */
  hostUp(host: string): void {
    if (host === hostOf(this.#options.porter.hive) && this.#queens === undefined) this.#tidings.alone();
  }

  hostDown(host: string): void {
    this.#relay.forget(host);
  }

  hear({ name, link }: Machine, message: Talk): void {
    const { porter, answer } = this.#options;
    switch (message.kind) {
      case "question":
        return void this.#questions.answer(name, message, answer);
      case "send":
        return void this.#senders.send(link, message, ({ model, part }) => porter.models.catalog.partOf(model, part));
      case "credit":
        return this.#relay.credit(message.worker, message.job, message.attempt, message.chunks);
      case "resume":
        return this.#relay.resume(message.standings);
      // For queens.
      case "advice":
      case "answer":
      case "chunk":
      case "facts":
      case "leaving":
      case "loading":
      case "term":
      case "unsent":
        return;
    }
  }

  /** LN6. */
  tell(): void {
    const queens = this.#queens;
    if (queens === undefined) return;
    // Over this link or none: another has been told nothing yet.
    const say = (talk: Talk): void => queens.link.note("data", talk);
    this.#offer.tellFacts(this.#options.facts(), say);
    void this.#offer.tell(say);
  }

  chunk(worker: string, chunk: Chunk): void {
    this.#relay.chunk(worker, chunk);
  }

  loading(news: LoadingNews): void {
    this.#say({ kind: "loading", ...news });
  }

  #say(talk: Talk): void {
    this.#queens?.link.note("data", talk);
  }
}
