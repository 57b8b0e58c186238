/**
 * Two machines with a link between them, on virtual time, and what each heard.
 *
 * @module
 */
import { Link, type LinkEvents, type LinkOptions } from "../../src/net/link/link.ts";
import type { PipeReader, PipeReaderEvents } from "../../src/net/link/pipes.ts";
import type { Hello } from "../../src/net/link/words.ts";
import type { Address } from "../../machines/words.ts";
import type { ErrorData } from "../../src/protocol/errors.ts";
import type { Frame, Lane } from "../../src/runtime/envelope.ts";
import { helloFrom, LinkNet, type SimMachine, type SimSocket } from "./link-net.ts";
import type { Prng } from "./prng.ts";

export interface Heard {
  readonly from: string;
  readonly to: string;
  readonly frame: Frame;
}

export class LinkEnd {
  readonly link: Link;
  readonly machine: SimMachine;
  readonly socket: SimSocket;
  readonly heard: Heard[] = [];
  readonly notes: unknown[] = [];
  readonly hosts = new Map<string, number>();
  up: Hello | undefined;
  closed: ErrorData[] = [];
  /** Whoever wants to read pipes. */
  onPipe: ((reader: PipeReader) => PipeReaderEvents | undefined) | undefined;

  constructor(machine: SimMachine, socket: SimSocket, options: Omit<LinkOptions, "clock">) {
    this.machine = machine;
    this.socket = socket;
    const events: LinkEvents = {
      onUp: (peer) => {
        this.up = peer;
      },
      onHostUp: (host, life) => void this.hosts.set(host, life),
      onHostDown: (host) => void this.hosts.delete(host),
      onFrames: (from, to, frames) => void this.heard.push(...frames.map((frame) => ({ from, to, frame }))),
      onNote: (value) => void this.notes.push(value),
      onPipe: (reader) => this.onPipe?.(reader),
      onClosed: (reason) => void this.closed.push(reason),
    };
    this.link = new Link(socket, { ...options, clock: machine }, events);
  }

  /** The numbers that were heard, in order. */
  get numbers(): number[] {
    return this.heard.flatMap(({ frame }) => (frame.kind === "mail" ? frame.envelope.n : []));
  }
}

export interface LinkStage {
  readonly net: LinkNet;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
}

type Given = Partial<Omit<LinkOptions, "self" | "clock" | "role">> & { readonly self?: Partial<Hello> };

/** Not yet up: let time pass. */
export function linkStage(given: { readonly a?: Given; readonly b?: Given; readonly rng?: Prng } = {}): LinkStage {
  const net = new LinkNet(given.rng);
  const [here, there] = [net.machine(), net.machine()];
  const [one, two] = net.pair(here, there);
  const optionsOf = (node: string, side: Given | undefined) => ({ ...side, self: helloFrom(node, side?.self) });
  const a = new LinkEnd(here, one, { ...optionsOf("a", given.a), role: "dialler" });
  const b = new LinkEnd(there, two, { ...optionsOf("b", given.b), role: "acceptor" });
  return { net, a, b };
}

/** Up, with one host on either side. */
export function linkedHosts(rng?: Prng): LinkStage {
  const stage = linkStage(rng === undefined ? {} : { rng });
  stage.net.run(20);
  stage.a.link.hostUp("here", 1);
  stage.b.link.hostUp("there", 1);
  stage.net.run(20);
  return stage;
}

export function mail(n: number, given: { readonly lane?: Lane; readonly text?: string } = {}): Frame {
  const to: Address = "there/cell/1";
  const from: Address = "here/cell/1";
  const event = { type: "said", text: given.text ?? "" };
  return { kind: "mail", envelope: { to, from, lane: given.lane ?? "data", n, label: "private", event } };
}

/** From the host of `a` to the host of `b`. */
export const sendFrames = (end: LinkEnd, frames: readonly Frame[], toLife = 1): void =>
  end.link.send({ from: "here", to: "there", toLife, frames });
