/**
 * Couriers: toy cells that pass numbered items on and keep books, so that any loss, repetition or disorder is in rows.
 *
 * Each step that tells an item also raises `sent` for that pair, in one commit; each step that takes one appends its
 * number to `got`. So at any moment `got` is 1, 2, 3, ... and, once all is quiet, as long as `sent` says (RM1-3, RM5).
 *
 * @module
 */
import { setup } from "xstate";
import { effect } from "../../machines/effect.ts";
import type { Address } from "../../machines/words.ts";
import {
  ask,
  behaviour,
  type Behaviour,
  type Command,
  put,
  reply,
  type Scope,
  tell,
} from "../../src/runtime/behaviour.ts";
import type { Lane } from "../../src/runtime/envelope.ts";
import type { Host } from "../../src/runtime/host.ts";
import { reader } from "../../src/runtime/reading.ts";
import { table } from "../../src/runtime/tables.ts";

/** By `from>to lane`: how many items one courier has told another. */
export const sent = table<number>({ name: "sent", owner: "courier" });
/** By `from>to lane`: the numbers that arrived, in the order they were folded. */
export const got = table<readonly number[]>({ name: "got", owner: "courier" });
/** By key of the ask: what became of it. */
export const outcomes = table<readonly string[]>({ name: "outcomes", owner: "courier" });

export const courierTables = [sent, got, outcomes] as const;

type CourierEvent =
  | { readonly type: "go"; readonly route: readonly Address[]; readonly count: number; readonly lane: Lane }
  | {
      readonly type: "item";
      readonly from: Address;
      readonly seq: number;
      readonly rest: readonly Address[];
      readonly lane: Lane;
    }
  | { readonly type: "enquire"; readonly to: Address; readonly onRestart: "again" | "once" }
  | { readonly type: "enquiry"; readonly key: string; readonly silent: boolean }
  | { readonly type: "answered"; readonly key: string }
  | { readonly type: "e.failed"; readonly key: string; readonly code: string };

const read = reader<CourierEvent>();

const machine = setup({
  types: { events: {} as CourierEvent },
  actions: { send: effect(), take: effect(), enquire: effect(), answer: effect(), settle: effect() },
}).createMachine({
  id: "courier",
  initial: "working",
  states: {
    working: {
      on: {
        go: { actions: "send" },
        item: { actions: "take" },
        enquire: { actions: "enquire" },
        enquiry: { actions: "answer" },
        answered: { actions: "settle" },
        "e.failed": { actions: "settle" },
        restored: {},
        "ask.dropped": {},
      },
    },
  },
});

const pair = (from: Address, to: Address, lane: Lane): string => `${from}>${to} ${lane}`;

function pass(scope: Scope, [to, ...rest]: readonly Address[], lane: Lane, count: number): Command[] {
  if (to === undefined) return [];
  const key = pair(scope.self, to, lane);
  const before = scope.rows(sent).get(key) ?? 0;
  const items = Array.from({ length: count }, (_, i) =>
    tell(to, { type: "item", from: scope.self, seq: before + i + 1, rest, lane } as CourierEvent, lane),
  );
  return [put(sent, key, before + count), ...items];
}

export const courier = (mailMax: number): Behaviour =>
  behaviour(
    machine,
    {
      send: (_params, scope) => {
        const { route, lane, count } = read(scope, "go");
        return pass(scope, route, lane, count);
      },
      take: (_params, scope) => {
        const { from, seq, rest, lane } = read(scope, "item");
        const key = pair(from, scope.self, lane);
        return [put(got, key, [...(scope.rows(got).get(key) ?? []), seq]), ...pass(scope, rest, lane, 1)];
      },
      enquire: (_params, scope) => {
        const { to, onRestart } = read(scope, "enquire");
        const key = `${scope.self}/${scope.serial}`;
        const event: CourierEvent = { type: "enquiry", key, silent: scope.serial % 3 === 0 };
        return [put(outcomes, key, []), ask(to, event, { name: "e", key, deadlineMs: 700, onRestart })];
      },
      answer: (_params, scope) => {
        const { key, silent } = read(scope, "enquiry");
        if (scope.re === undefined || silent) return [];
        const event: CourierEvent = { type: "answered", key };
        return [reply(scope.re, event, scope.serial % 2 === 0 ? "commit" : "flush")];
      },
      settle: (_params, scope) => {
        const event = read(scope, "answered", "e.failed");
        const outcome = event.type === "answered" ? "answered" : event.code;
        return [put(outcomes, event.key, [...(scope.rows(outcomes).get(event.key) ?? []), outcome])];
      },
    },
    { limits: { mailMax } },
  );

/** All books of one host: those it wrote as a sender, and those as a receiver. */
export const booksOf = (host: Host) => ({
  sent: new Map(host.core.tables.rows(sent).entries()),
  got: new Map(host.core.tables.rows(got).entries()),
  outcomes: new Map(host.core.tables.rows(outcomes).entries()),
});
