/**
 * Goal: RM1 over links: whatever becomes of the connections, each cell folds every message told to it exactly once and
 *       in the order of its lane; and when all is quiet nothing waits anywhere (RM8).
 * Method: two durable hosts behind keepers, tells both ways, large and small, while wires are cut, swallowed, healed,
 *         and machines stand still; then peace. Each side is of this version of the protocol or of one before (RC6).
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { address, type Address } from "../../../machines/words.ts";
import { tell } from "../../../src/runtime/behaviour.ts";
import type { Lane, Message } from "../../../src/runtime/envelope.ts";
import { VERSIONS } from "../../../src/net/link/hello.ts";
import { Host } from "../../../src/runtime/host.ts";
import { type KeptMachine, KeptNet } from "../../support/link-keepers.ts";
import { notesOf, obey, puppet, toyTables } from "../../support/toy-machines.ts";
import { SimDisk } from "../../simulation/sim-journal.ts";

const SEED = process.env["RBEE_SEED"];
const CELLS = 3;
const NODES = ["a", "b"] as const;
type Node = (typeof NODES)[number];

interface Told extends Message {
  readonly id: number;
  readonly text: string;
}

/** A durable host behind a keeper, and what it was made to tell. */
class Side {
  readonly host: Host;
  readonly kept: KeptMachine;
  readonly #node: Node;
  readonly #peer: Node;
  readonly told: { readonly to: Address; readonly lane: Lane; readonly id: number }[] = [];

  constructor(net: KeptNet, node: Node, peer: Node, version: number) {
    this.#node = node;
    this.#peer = peer;
    this.kept = net.start(
      node,
      { versions: { min: 1, max: version } },
      {
        onUp: (_peer, link) => link.hostUp(node, 1),
        onHostUp: (_peer, host, life) => this.host.peerUp(host, life),
        onHostDown: (_peer, host) => this.host.peerDown(host),
        onFrames: (_peer, from, _to, frames) => this.host.receive(from, frames),
      },
    );
    const turn = (): void => {
      if (this.host.turn()) this.kept.machine.soon(turn);
    };
    this.host = new Host({
      id: node,
      // Small mailboxes, so that gates shut.
      behaviours: [puppet({ mailMax: 4 })],
      tables: [...toyTables],
      journal: new SimDisk().open(),
      clock: net.net.clock,
      transport: {
        send: (to, frames) =>
          this.kept.keeper.link(peer)?.send({ from: node, to, toLife: this.host.lifeOf(to), frames }),
      },
      wake: () => this.kept.machine.soon(turn),
    });
    this.host.open();
    for (let i = 0; i < CELLS; i += 1) this.host.root("puppet", `${i}`, {});
    this.kept.keeper.want(peer, peer);
  }

  tell(cell: number, lane: Lane, size: number, count: number): void {
    const to = address(this.#peer, "puppet", `${cell}`);
    for (let i = 0; i < count; i += 1) {
      const id = this.told.length + 1;
      this.told.push({ to, lane, id });
      const told: Told = { type: `told.${lane}`, id, text: "x".repeat(size) };
      const envelope = {
        to: address(this.#node, "puppet", "0"),
        from: to,
        lane: "control",
        n: 0,
        label: "private",
      } as const;
      this.host.receive("test", [{ kind: "mail", envelope: { ...envelope, event: obey(tell(to, told, lane)) } }]);
      // One at a time, as its small mailbox takes them.
      this.host.turn();
    }
  }

  /** What a cell has folded, in order. */
  folded(cell: Address, lane: Lane): number[] {
    return notesOf(this.host, cell).flatMap(({ event }) =>
      event.type === `told.${lane}` ? (event["id"] as number) : [],
    );
  }
}

const version = fc.integer(VERSIONS);

const deeds = fc.array(
  fc.tuple(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("tell" as const),
          node: fc.constantFrom(...NODES),
          cell: fc.nat(CELLS - 1),
          lane: fc.constantFrom<Lane>("control", "data"),
          size: fc.oneof({ weight: 5, arbitrary: fc.nat(100) }, { weight: 1, arbitrary: fc.nat(200_000) }),
          count: fc.integer({ min: 1, max: 20 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom("cut", "heal", "bounce", "swallow", "freeze", "thaw"),
          node: fc.constantFrom(...NODES),
        }),
      },
    ),
    fc.oneof({ weight: 4, arbitrary: fc.nat(10) }, { weight: 1, arbitrary: fc.nat(4000) }),
  ),
  { maxLength: 30 },
);

describe("hosts behind links", () => {
  test(`RM1 RM8 RC6 every message is folded once and in order, whatever becomes of the connections (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.record({ a: version, b: version }), deeds, (seed, speaks, given) => {
        const net = new KeptNet(seed);
        const sides = { a: new Side(net, "a", "b", speaks.a), b: new Side(net, "b", "a", speaks.b) };
        for (const [deed, ms] of given) {
          const { machine } = sides[deed.node].kept;
          if (deed.do === "tell") sides[deed.node].tell(deed.cell, deed.lane, deed.size, deed.count);
          else if (deed.do === "freeze") machine.stop();
          else if (deed.do === "thaw") machine.goOn();
          else net[deed.do]("a", "b");
          net.run(ms);
        }
        for (const side of Object.values(sides)) side.kept.machine.goOn();
        net.heal("a", "b");
        net.run(60_000);
        for (const [near, far] of [
          [sides.a, sides.b],
          [sides.b, sides.a],
        ] as const) {
          for (let cell = 0; cell < CELLS; cell += 1) {
            for (const lane of ["control", "data"] as const) {
              const to = address(far.host.id, "puppet", `${cell}`);
              const told = near.told.filter((each) => each.to === to && each.lane === lane).map(({ id }) => id);
              expect(far.folded(to, lane)).toEqual(told);
            }
          }
          expect([near.host.core.outbox.size, near.host.crashed]).toEqual([0, undefined]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
