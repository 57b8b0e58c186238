/**
 * One end of a link with a host behind it, as each of the two processes of the link's bench has one. Numbers, marks,
 * gates and acks are as ever; only the journal may be one that keeps nothing.
 *
 * @module
 */
import { assign, setup } from "xstate";
import { effect } from "../../machines/effect.ts";
import { address, type Address } from "../../machines/words.ts";
import { helloOf } from "../../src/net/link/hello.ts";
import type { Link, LinkEvents } from "../../src/net/link/link.ts";
import type { Hello } from "../../src/net/link/words.ts";
import { behaviour, type Command, tell } from "../../src/runtime/behaviour.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import type { Journal } from "../../src/runtime/journal.ts";
import { realClock } from "../../src/runtime/real/clock.ts";
import { createDriver } from "../../src/runtime/real/driver.ts";
import { openJournal } from "../../src/runtime/real/journal/journal.ts";

export const CELLS = 64;
/** Tells of one step. */
export const BURST = 64;

export interface Count extends Message {
  readonly type: "count";
  /** When it was told, on the clock that both processes share. */
  readonly atMicros: number;
  readonly note: string;
}

/** Whom the messages are for: known by name, as who speaks to somebody does. */
export const TALLIES: readonly Address[] = Array.from({ length: CELLS }, (_, i) => address("far", "tally", `${i}`));
export const SOURCE: Address = address("near", "source", "main");

/** Has the near cell tell so many. */
export const goTell = (count: number): Frame => {
  const event: Message & { readonly count: number } = { type: "go", count };
  return { kind: "mail", envelope: { to: SOURCE, from: "bench/bench/b", lane: "data", n: 0, label: "private", event } };
};

/** Something to carry, so that a message has about 128 bytes. */
export const NOTE = "what a message says besides: a name, a number";

/** Micros on a clock that is one for all processes of a machine. */
export const nowMicros = (): number => ORIGIN_MICROS + performance.now() * 1000;
const ORIGIN_MICROS = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;

const tally = setup({
  types: { context: {} as { count: number }, events: {} as Count },
}).createMachine({
  id: "tally",
  context: { count: 0 },
  on: { count: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
});

const source = setup({
  types: { events: {} as { readonly type: "go"; readonly count: number } },
  actions: { tell: effect<{ count: number }>() },
}).createMachine({
  id: "source",
  on: { go: { actions: { type: "tell", params: ({ event }) => ({ count: event.count }) } } },
});

let next = 0;
const tellAll = ({ count }: { readonly count: number }) => {
  const event: Count = { type: "count", atMicros: nowMicros(), note: NOTE };
  const tells: Command[] = [];
  for (let i = 0; i < count; i += 1) {
    next = (next + 1) % CELLS;
    tells.push(tell(TALLIES[next] ?? SOURCE, event));
  }
  return tells;
};

const BEHAVIOURS = [
  behaviour(tally, {}, { limits: { mailMax: 1024 } }),
  behaviour(source, { tell: tellAll }, { limits: { outMax: BURST } }),
];

/** Takes everything and keeps nothing: what is left is the cost of the messages. */
const forgetful = (): Journal => ({
  rows: () => [],
  commit() {},
  flushed: (then) => then(),
  close() {},
});

export interface End {
  readonly host: Host;
  readonly events: LinkEvents;
  /** Once, before the link is up. */
  carriedBy(link: Link): void;
  close(): void;
}

export const LIFE = 1;

export function openEnd(id: "near" | "far", journalPath: string | undefined, folded: (event: Message) => void): End {
  let link: Link | undefined;
  const driver = createDriver();
  const host: Host = new Host({
    id,
    behaviours: BEHAVIOURS,
    tables: [],
    journal: journalPath === undefined ? forgetful() : openJournal(journalPath),
    clock: realClock,
    transport: { send: (to, frames) => link?.send({ from: id, to, toLife: host.lifeOf(to), frames }) },
    wake: driver.wake,
    observe: ({ event }) => folded(event),
  });
  host.open();
  if (id === "far") for (let i = 0; i < CELLS; i += 1) host.root("tally", `${i}`, {});
  else host.root("source", "main", {});
  driver.drive(host, (error) => {
    throw error;
  });
  return {
    host,
    carriedBy(given) {
      link = given;
    },
    events: {
      onUp: () => link?.hostUp(id, LIFE),
      onHostUp: (peer, life) => host.peerUp(peer, life),
      onHostDown: (peer) => host.peerDown(peer),
      onFrames: (from, _to, frames) => host.receive(from, frames),
      onClosed() {},
    },
    close() {
      driver.stop();
      host.close();
    },
  };
}

export const helloFrom = (node: string): Hello =>
  helloOf({ cluster: "bench", node, life: LIFE, instance: `${process.pid}`, roles: ["hive"] });
