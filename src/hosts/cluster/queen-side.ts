/**
 * Links on the machine of the queen: what she hears of the others, and what they are asked in her name.
 *
 * Owns: what each of them has said of itself over its link, the way of what its workers say to the readers here. Does
 * not own: links (links.ts), which machine is given up (machines/member.ts).
 *
 *  LN3 The queen hears of a hive once it can be asked, and again in each life of either.
 *  LN4 Where readers stand is told before a host that may go on is.
 *  LN6 What a machine has to offer she is told when it has said so, and again when she begins anew.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { hostOf } from "../../../machines/words.ts";
import type { FileAsked } from "../../doors/copies.ts";
import type { PipeReader, PipeReaderEvents } from "../../net/link/pipes.ts";
import type { Resume } from "../../net/streams.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { Told } from "../machine/telling.ts";
import type { Porter } from "../porter/porter.ts";
import { hiveOf, QUEEN } from "../porter/residents.ts";
import type { AskMachine } from "../seats/machines-seat.ts";
import { FileReaders } from "./file-flow.ts";
import type { Machine, Side, Ways } from "./link-side.ts";
import { Offer } from "./offer.ts";
import { mayBear, maySay } from "./permitted.ts";
import { checkKnown, Questions } from "./questions.ts";
import type { MachineFacts, Talk } from "./talk.ts";
import { Tidings } from "./tidings.ts";

/** What a machine has said of itself. */
interface Member {
  readonly machine: Machine;
  facts: MachineFacts | undefined;
  isLeaving: boolean;
  told: Told | undefined;
}

const NOTHING_TOLD: Told = { devices: [], models: [] };

export class QueenSide implements Side {
  readonly role = "queen";
  readonly waitsForTerm = false;
  readonly #porter: Porter;
  readonly #ways: Ways;
  readonly #members = new Map<string, Member>();
  readonly #tidings: Tidings;
  readonly #offer: Offer;
  readonly #questions: Questions;
  readonly #readers = new FileReaders();

  constructor(porter: Porter, ways: Ways) {
    this.#porter = porter;
    this.#ways = ways;
    this.#tidings = new Tidings(porter);
    this.#offer = new Offer(porter);
    this.#questions = new Questions(ways.say);
  }

  readonly ask: AskMachine = async (machine, asked, ms) => {
    checkKnown(machine, asked, this.#members.get(machine)?.machine.link.peer);
    return this.#questions.ask(machine, asked, ms);
  };

  /** A file of a model that another machine has. */
  openFile({ machine, ...wanted }: FileAsked, signal: AbortSignal): Promise<Readable> {
    return this.#readers.open(machine, wanted, (talk) => this.#ways.say(machine, talk), signal);
  }

  factsOf(machine: string): MachineFacts | undefined {
    return this.#members.get(machine)?.facts;
  }

  /** By then she knows of the later term, and steps down. */
  cuts({ code }: ErrorData): boolean {
    return code === "link.role";
  }

  /** Her own hive and workers are nobody else's business. */
  isTold(host: string): boolean {
    return host === hostOf(QUEEN);
  }

  mayCome(machine: string, host: string): boolean {
    return mayBear(machine, host) && !this.#porter.has(host);
  }

  maySay(machine: string, from: string, frames: readonly Frame[]): boolean {
    return frames.every((frame) => maySay(machine, from, frame));
  }

  up(machine: Machine): void {
    this.#members.set(machine.name, { machine, facts: undefined, isLeaving: false, told: undefined });
  }

  /** LN4. */
  letIn({ name }: Machine, tellHosts: () => void): void {
    const { streams } = this.#porter;
    const standings = streams.resuming((worker) => !this.#porter.has(worker));
    this.#ways.say(name, { kind: "resume", standings: [...standings] });
    tellHosts();
  }

  down(machine: string, reason: ErrorData): void {
    this.#members.delete(machine);
    this.#questions.lost(machine);
    this.#readers.lost(machine);
    this.#tidings.unlinked(machine, reason);
  }

  /** LN3, LN6. It is she who has begun. */
  hostUp(): void {
    for (const name of this.#members.keys()) this.#tellLinked(name);
    for (const [name, { told }] of this.#members) if (told !== undefined) this.#offer.pass(hiveOf(name), told);
    this.tell();
  }

  came(machine: string, host: string): void {
    if (host === hostOf(hiveOf(machine))) this.#tellLinked(machine);
  }

  hear({ name }: Machine, message: Talk): void {
    const { streams } = this.#porter;
    const member = this.#members.get(name);
    if (member === undefined) return;
    switch (message.kind) {
      case "chunk":
        if (this.#ways.machineOf(message.worker) === name) streams.chunk(message.chunk);
        return;
      case "loading":
        return streams.loading(message);
      case "facts":
        member.facts = message.facts;
        return;
      case "unsent":
        return this.#readers.unsent(name, message.id, message.message);
      case "answer":
        return this.#questions.answered(name, message);
      case "advice":
        member.told = { ...NOTHING_TOLD, ...member.told, ...message };
        return this.#offer.pass(hiveOf(name), message);
      case "leaving":
        member.isLeaving = true;
        return this.#tidings.leaving(name);
      // For members.
      case "credit":
      case "question":
      case "resume":
      case "send":
      case "term":
        return;
    }
  }

  pipe(machine: string, reader: PipeReader): PipeReaderEvents | undefined {
    return this.#readers.pipe(machine, reader);
  }

  /** LN6. Of her own machine. */
  tell(): void {
    void this.#offer.tell(undefined);
  }

  credit(worker: string, job: string, attempt: number, chunks: number): void {
    this.#sayToWorkers(worker, { kind: "credit", worker, job, attempt, chunks });
  }

  resume(standing: Resume): void {
    this.#sayToWorkers(standing.worker, { kind: "resume", standings: [standing] });
  }

  #sayToWorkers(worker: string, talk: Talk): void {
    const machine = this.#ways.machineOf(worker);
    if (machine !== undefined) this.#ways.say(machine, talk);
  }

  #tellLinked(name: string): void {
    if (this.#ways.machineOf(hostOf(hiveOf(name))) !== name) return;
    this.#tidings.linked(name);
    if (this.#members.get(name)?.isLeaving === true) this.#tidings.leaving(name);
  }
}
