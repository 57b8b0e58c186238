/**
 * The porter's desk: where asks to the node's own ports arrive, and from where its doors ask cells.
 *
 * Owns: matching answers of ports to asks. Does not own: what a port does (ports of this folder), routing, what doors
 * ask (door-asks.ts).
 *
 *  K1 An ask that a port already works on is attached, not begun again: whoever asked last gets the answer.
 *  K2 What a host asked that forgets is nobody's once that host has gone: its next life counts from the beginning, and
 *     must not be given an answer to what the last one asked under the same id.
 *  K3 What ports answer at one moment leaves as one message for each host: a discussion that writes five events is
 *     woken once by their having been heard, and commits once.
 *  K4 An answer that nobody waits for wakes nobody: it goes with what its host is told next.
 *
 * @module
 */
import { type Address, hostOf, idOf } from "../../../machines/words.ts";
import { errorData } from "../../protocol/errors.ts";
import { PORTER } from "../../protocol/ports.ts";
import type { AskResult, Envelope, Frame } from "../../runtime/envelope.ts";
import type { Port } from "../../runtime/ports.ts";
import { DoorAsks, lost } from "./door-asks.ts";

/** @param canWait they need not leave before something else is said to that host. K4 */
type SendFrames = (to: string, frames: readonly Frame[], canWait: boolean) => void;

export class Desk {
  /** What the doors of this node ask. */
  readonly doors: DoorAsks;
  readonly #ports: Readonly<Record<string, Port>>;
  readonly #send: SendFrames;
  readonly #soon: (send: () => void) => void;
  /** Asks that ports work on, by id: to whom the answer goes. */
  readonly #working = new Map<string, { asker: Address; readonly port: string }>();
  /** K3. By host: what leaves when this moment is over. */
  #answers = new Map<string, Frame[]>();

  /** @param soon when this moment is over: before anything else arrives */
  constructor(
    ports: Readonly<Record<string, Port>>,
    send: SendFrames,
    soon: (send: () => void) => void = queueMicrotask,
  ) {
    this.#ports = ports;
    this.#send = send;
    this.#soon = soon;
    this.doors = new DoorAsks(`${PORTER}/door/main`, (to, frames) => send(to, frames, false));
  }

  /** Frames for the porter itself. */
  receive(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === "mail") this.#ask(frame.envelope);
      else if (frame.kind === "answer") this.doors.answered(frame.id, frame.result);
      else if (frame.kind === "drop") this.#drop(frame.id);
    }
  }

  /** K2. A port that works on it goes on: what it does may be asked for again under a name that both lives know. */
  forgotten(host: string): void {
    this.#answers.delete(host);
    for (const [id, { asker }] of this.#working) if (hostOf(asker) === host) this.#working.delete(id);
  }

  #ask({ to, event, re }: Envelope): void {
    if (re === undefined) return;
    const port = this.#ports[idOf(to)];
    const open = this.#working.get(re.id);
    if (open !== undefined) {
      open.asker = re.from;
      return;
    }
    if (port === undefined) return this.#reply(re.from, re.id, { ok: false, error: lost(to) });
    const its = { asker: re.from, port: idOf(to) };
    this.#working.set(re.id, its);
    try {
      port.ask({ id: re.id, from: re.from, event, deadlineMs: Number.POSITIVE_INFINITY }, (result) => {
        if (this.#working.get(re.id) !== its) return;
        this.#working.delete(re.id);
        if (port.isUnhurried === true) this.#send(hostOf(its.asker), [answered(its.asker, re.id, result)], true);
        else this.#reply(its.asker, re.id, result);
      });
    } catch (thrown) {
      this.#working.delete(re.id);
      this.#reply(re.from, re.id, { ok: false, error: errorData(thrown) });
    }
  }

  #reply(to: Address, id: string, result: AskResult): void {
    if (this.#answers.size === 0) this.#soon(() => this.#sendAnswers());
    const host = hostOf(to);
    const frame = answered(to, id, result);
    const frames = this.#answers.get(host);
    if (frames === undefined) this.#answers.set(host, [frame]);
    else frames.push(frame);
  }

  /** K3. */
  #sendAnswers(): void {
    const answers = this.#answers;
    this.#answers = new Map();
    for (const [host, frames] of answers) this.#send(host, frames, false);
  }

  #drop(id: string): void {
    const open = this.#working.get(id);
    this.#working.delete(id);
    if (open !== undefined) this.#ports[open.port]?.drop(id);
  }
}

const answered = (to: Address, id: string, result: AskResult): Frame => ({ kind: "answer", to, id, result });
