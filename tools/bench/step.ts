/**
 * Events through the whole fold of a host (mailbox, step, handler, commands, turn) beside raw XState `actor.send`.
 *
 * @module
 */
import { assign, createActor, setup } from "xstate";
import { effect } from "../../machines/effect.ts";
import type { Address } from "../../machines/words.ts";
import { behaviour } from "../../src/runtime/behaviour.ts";
import type { Frame, Message } from "../../src/runtime/envelope.ts";
import { Host } from "../../src/runtime/host.ts";
import { type Bench, compare } from "./measure.ts";

const EVENTS = 40_000;
const FRAMES = 250;
const RUNS = 9;

const lamp = setup({
  types: { context: {} as { flips: number }, events: {} as { readonly type: "flip" } },
  actions: { shine: effect<{ flips: number }>() },
}).createMachine({
  id: "lamp",
  context: { flips: 0 },
  initial: "off",
  states: {
    off: { on: { flip: { target: "on", actions: assign({ flips: ({ context }) => context.flips + 1 }) } } },
    on: { entry: { type: "shine", params: ({ context }) => ({ flips: context.flips }) }, on: { flip: "off" } },
  },
});

export const lampBehaviour = behaviour(lamp, { shine: () => [] }, { limits: { mailMax: 1024 } });

const LAMP: Address = "h/lamp/1";
const FLIP: Message = { type: "flip" };

function throughHost(): number {
  const host = new Host({
    id: "h",
    behaviours: [lampBehaviour],
    tables: [],
    journal: undefined,
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    transport: { send: () => {} },
    wake: () => {},
  });
  host.open();
  host.root("lamp", "1", {});
  const frames: Frame[] = Array.from({ length: FRAMES }, () => ({
    kind: "mail",
    envelope: { to: LAMP, from: "x/person/p", lane: "data", n: 0, label: "private", event: FLIP },
  }));
  const startedMs = performance.now();
  for (let sent = 0; sent < EVENTS; sent += FRAMES) {
    host.receive("x", frames);
    while (host.turn());
  }
  const tookMs = performance.now() - startedMs;
  const context = host.core.cells.get(LAMP)?.snapshot?.context as { flips: number } | undefined;
  if (context?.flips !== EVENTS / 2) throw new Error(`${context?.flips} flips of ${EVENTS / 2}`);
  return (EVENTS * 1000) / tookMs;
}

function throughActor(): number {
  const actor = createActor(lamp).start();
  const startedMs = performance.now();
  for (let sent = 0; sent < EVENTS; sent += 1) actor.send({ type: "flip" });
  const tookMs = performance.now() - startedMs;
  if (actor.getSnapshot().context.flips !== EVENTS / 2) throw new Error("the actor lost events");
  actor.stop();
  return (EVENTS * 1000) / tookMs;
}

export const stepBench: Bench = {
  name: "step",
  async run(print) {
    const common = { bench: "step", unit: "events/s", runs: RUNS, goal: 0.7 } as const;
    print(await compare({ ...common, case: "fold", subject: throughHost, baseline: throughActor }));
  },
};
