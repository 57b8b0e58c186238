/**
 * A durable host behind a keeper over real sockets, as both processes of the link's integration test have one.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { address, type Address } from "../../machines/words.ts";
import { Keeper } from "../../src/net/link/keeper.ts";
import type { LinkSocket } from "../../src/net/link/socket.ts";
import { realLinkClock } from "../../src/net/link/over-ws.ts";
import { behaviour, tell } from "../../src/runtime/behaviour.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import { realClock } from "../../src/runtime/real/clock.ts";
import { createDriver } from "../../src/runtime/real/driver.ts";
import { SimDisk } from "../simulation/sim-journal.ts";
import { helloFrom } from "./link-net.ts";
import { effect } from "../../machines/effect.ts";

export interface Numbered extends Message {
  readonly type: "numbered";
  readonly id: number;
  readonly text: string;
}

/** Counts what comes in order, and notes the first that does not. */
const reader = setup({
  types: { context: {} as { last: number; wrong: number[] }, events: {} as Numbered },
}).createMachine({
  id: "reader",
  context: { last: 0, wrong: [] },
  on: {
    numbered: {
      actions: assign(({ context, event }) => ({
        last: event.id,
        wrong: event.id === context.last + 1 ? context.wrong : [...context.wrong.slice(0, 4), event.id],
      })),
    },
  },
});

interface Go extends Message {
  readonly type: "go";
  readonly from: number;
  readonly count: number;
  readonly size: number;
}

const writer = setup({
  types: { events: {} as Go },
  actions: { write: effect<Go>() },
}).createMachine({ id: "writer", on: { go: { actions: { type: "write", params: ({ event }) => event } } } });

const READER: Address = address("there", "reader", "main");
const WRITER: Address = address("here", "writer", "main");
const BURST = 16;

const BEHAVIOURS = [
  behaviour(reader, {}, { limits: { mailMax: 256 } }),
  behaviour(
    writer,
    {
      write: ({ from, count, size }) =>
        Array.from({ length: count }, (_, i): ReturnType<typeof tell> => {
          const event: Numbered = { type: "numbered", id: from + i, text: "x".repeat(size) };
          return tell(READER, event);
        }),
    },
    { limits: { outMax: BURST } },
  ),
];

export class RealSide {
  readonly host: Host;
  readonly keeper: Keeper;
  readonly news: string[] = [];
  #told = 0;

  constructor(id: "here" | "there", dial: (address: string) => LinkSocket) {
    const driver = createDriver();
    const peer = id === "here" ? "there" : "here";
    this.keeper = new Keeper({
      self: helloFrom(id, { instance: `${process.pid}`, messageBytesMax: 2 ** 24 }),
      clock: realLinkClock,
      chance: Math.random,
      dial,
      events: {
        onUp: (_peer, link) => {
          this.news.push("up");
          link.hostUp(id, 1);
        },
        onDown: (_peer, { code }) => void this.news.push(code),
        onHostUp: (_peer, host, life) => this.host.peerUp(host, life),
        onHostDown: (_peer, host) => this.host.peerDown(host),
        onFrames: (_peer, from, _to, frames) => this.host.receive(from, frames),
      },
    });
    this.host = new Host({
      id,
      behaviours: BEHAVIOURS,
      tables: [],
      journal: new SimDisk().open(),
      clock: realClock,
      transport: {
        send: (to, frames) => this.keeper.link(peer)?.send({ from: id, to, toLife: this.host.lifeOf(to), frames }),
      },
      wake: driver.wake,
    });
    this.host.open();
    this.host.root(id === "here" ? "writer" : "reader", "main", {});
    driver.drive(this.host, (error) => {
      throw error;
    });
  }

  /** Has the writer tell so many more, of that size. */
  write(count: number, size: number): void {
    for (let left = count; left > 0; left -= BURST) {
      const go: Go = { type: "go", from: this.#told + 1, count: Math.min(BURST, left), size };
      this.#told += go.count;
      this.host.receive("test", [
        { kind: "mail", envelope: { to: WRITER, from: READER, lane: "control", n: 0, label: "private", event: go } },
      ]);
      this.host.turn();
    }
  }

  /** What the reader has folded: the last number, and those that came out of turn. */
  get read(): { readonly last: number; readonly wrong: readonly number[] } {
    const context = this.host.core.cells.get(READER)?.snapshot?.context as
      | { last: number; wrong: number[] }
      | undefined;
    return { last: context?.last ?? 0, wrong: context?.wrong ?? [] };
  }
}
