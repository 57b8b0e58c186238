/**
 * A small network on virtual time, for links: sockets with a delay, machines that stand still, wires that are cut.
 *
 * @module
 */
import { helloOf } from "../../src/net/link/hello.ts";
import type { LinkClock, LinkSocket, SocketEvents } from "../../src/net/link/socket.ts";
import type { Hello } from "../../src/net/link/words.ts";
import { SimClock } from "../simulation/sim-clock.ts";
import type { Prng } from "./prng.ts";

export const helloFrom = (node: string, given: Partial<Hello> = {}): Hello => ({
  ...helloOf({ cluster: "home", node, life: 1, instance: `${node}-1`, roles: ["hive"] }),
  messageBytesMax: 2 ** 20,
  ...given,
});

/** One machine's time: while it stands still nothing of it happens, and then all of it. */
export class SimMachine implements LinkClock {
  readonly #clock: SimClock;
  #isStill = false;
  #waiting: (() => void)[] = [];

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(ms: number, run: () => void): () => void {
    let isOff = false;
    this.#clock.after(ms, () => this.happen(() => (isOff ? undefined : run())));
    return () => {
      isOff = true;
    };
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  happen(run: () => void): void {
    if (this.#isStill) this.#waiting.push(run);
    else run();
  }

  stop(): void {
    this.#isStill = true;
  }

  goOn(): void {
    this.#isStill = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }
}

type Said = string | Buffer;

/**
 * One end; open once there is somebody at the other one as well. What is sent arrives in order after a delay, as long
 * as the wire is not cut.
 */
export class SimSocket implements LinkSocket {
  readonly #net: LinkNet;
  readonly #machine: SimMachine;
  other: SimSocket | undefined;
  #events: SocketEvents | undefined;
  #isOver = false;
  /** Nothing that is sent arrives, and nobody is told. */
  isCut = false;
  #arrivesMs = 0;
  readonly sent: Said[] = [];
  framesSent = 0;
  bytesSent = 0;

  constructor(net: LinkNet, machine: SimMachine) {
    this.#net = net;
    this.#machine = machine;
  }

  listen(events: SocketEvents): void {
    this.#events = events;
    const { other } = this;
    if (other === undefined || other.#events === undefined) return;
    for (const end of [this, other]) end.#machine.soon(() => end.#events?.onOpen());
  }

  sendText(text: string): void {
    this.#send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.framesSent += 1;
    this.bytesSent += bytes.length;
    this.#send(Buffer.from(bytes));
  }

  end(): void {
    this.#later(() => this.other?.broken("it was closed"));
    this.#net.clock.after(0, () => this.broken("it was closed"));
  }

  broken(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#machine.happen(() => this.#events?.onClosed(why));
  }

  /** As if the other side had sent it. */
  hear(said: Said): void {
    this.#machine.happen(() => {
      if (this.#isOver) return;
      if (typeof said === "string") this.#events?.onText(said);
      else this.#events?.onBytes(said);
    });
  }

  #send(said: Said): void {
    if (this.#isOver) return;
    if (this.#net.keeps) this.sent.push(said);
    this.#later(() => this.other?.hear(said));
  }

  #later(run: () => void): void {
    if (this.isCut) return;
    const nowMs = this.#net.clock.monotonicMs();
    this.#arrivesMs = Math.max(this.#arrivesMs, nowMs + this.#net.delayMs());
    this.#net.clock.after(this.#arrivesMs - nowMs, () => {
      if (!this.isCut) run();
    });
  }
}

export class LinkNet {
  readonly clock = new SimClock();
  readonly #rng: Prng | undefined;
  /** What is sent is kept for whoever wants to look at it. */
  keeps = false;
  slowestMs = 2;

  constructor(rng?: Prng) {
    this.#rng = rng;
  }

  delayMs(): number {
    return this.#rng === undefined ? 1 : this.#rng.int(0, this.slowestMs);
  }

  machine(): SimMachine {
    return new SimMachine(this.clock);
  }

  pair(a: SimMachine, b: SimMachine): readonly [SimSocket, SimSocket] {
    const [one, two] = [new SimSocket(this, a), new SimSocket(this, b)];
    one.other = two;
    two.other = one;
    return [one, two];
  }

  /** Everything that happens in the next so many ms. */
  run(ms: number): void {
    const untilMs = this.clock.monotonicMs() + ms;
    while ((this.clock.nextMs ?? Infinity) <= untilMs) this.clock.advance();
    this.clock.moveTo(untilMs);
  }
}
