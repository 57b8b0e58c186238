/**
 * Commands of a step that succeeded, carried out in memory: what they cause leaves with the turn's commit.
 *
 * Owns: tells, asks, drops and replies on their way out. Does not own: tables (fold.ts, so that the next handler sees
 * them), beginning and ending of cells (life.ts).
 *
 *  C1 Nothing leaves before the commit: everything lands in the core's release lists. Kernel rule 1.
 *  C2 A tell to a cell of this host joins the end of this turn; to a full one it waits in the outbox. Rule 6.
 *  C3 An ask is a row before it is sent. Kernel rule 2.
 *  C4 The outbox is bounded: what would overfill it is a dead letter. RM5.
 *
 * @module
 */
import { hostOf, idOf, isOf, kindOf } from "../../machines/words.ts";
import { errorData } from "../protocol/errors.ts";
import { sendMail } from "./accept.ts";
import type { AskOptions, Command } from "./behaviour.ts";
import { type Cell, isGated } from "./cell.ts";
import {
  type AskRow,
  type Core,
  erase,
  eraseMail,
  failure,
  isDurable,
  type OpenAsk,
  send,
  write,
  writeMail,
} from "./core.ts";
import { bury } from "./dead-letters.ts";
import type { Envelope, Lane, Unnumbered } from "./envelope.ts";
import { KEY } from "./journal.ts";
import type { Entry } from "./outbox.ts";
import { post, postAnswer, postDropped } from "./post.ts";

/** Tells that nobody has taken yet; above it cells take only what cannot be refused. Kernel rule 6. */
export const OUTBOX_MAX = 10_000;
/** What cannot be refused may go so far above it, and no further. */
const OUTBOX_HARD_MAX = 2 * OUTBOX_MAX;

/**
 * May this cell take data? While the outbox is full, only one that others wait for: as long as each of those goes on,
 * no circle of full cells stands still (RM12).
 */
export function mayTakeData(core: Core, cell: Cell): boolean {
  if (core.outbox.size + cell.behaviour.limits.outMax <= OUTBOX_MAX) return true;
  return isGated(cell) || cell.overflowed;
}

/** A durable tell: into a mailbox of this host, or numbered into the outbox. */
export function emitTell(core: Core, envelope: Unnumbered): void {
  const { to } = envelope;
  if (isOf(core.options.id, to)) return emitLocal(core, envelope);
  if (!isDurable(core)) return send(core, hostOf(to), { kind: "mail", envelope });
  const waiting = number(core, envelope);
  if (waiting === undefined) return;
  const { host } = waiting.route;
  if (core.peers.has(host)) sendMail(core, host, core.outbox.release(waiting));
}

function emitLocal(core: Core, envelope: Unnumbered): void {
  const { to, lane } = envelope;
  const cell = core.cells.get(to);
  if (cell === undefined) return bury(core, envelope, "no cell");
  const behind = cell.overflowed && core.outbox.waits(to, lane);
  if (!behind && cell.mailbox.hasRoom(lane)) return post(core, cell, envelope, true);
  if (number(core, envelope) !== undefined) cell.overflowed = true;
}

/** Into the outbox, as a row. @returns undefined when it is full to the brim. */
function number(core: Core, envelope: Unnumbered): Entry | undefined {
  if (core.outbox.size >= OUTBOX_HARD_MAX) {
    bury(core, envelope, "outbox full");
    return undefined;
  }
  const waiting = core.outbox.add(envelope);
  writeMail(core, KEY.out(waiting.envelope.n), waiting.envelope);
  return waiting;
}

/** What waits in the outbox for a cell of this host goes in as soon as there is room, in order. */
export function refill(core: Core, cell: Cell): void {
  for (const lane of ["control", "data"] as const) {
    while (cell.mailbox.hasRoom(lane)) {
      const envelope = takeLocal(core, cell.address, lane);
      if (envelope === undefined) break;
      post(core, cell, { ...envelope, n: 0 }, true);
    }
  }
  cell.overflowed = core.outbox.waits(cell.address, "control") || core.outbox.waits(cell.address, "data");
}

/** What waits in the outbox for an address of this host where nobody lives any more. */
export function buryWaiting(core: Core, to: Envelope["to"], why: "cell stopped" | "no cell"): void {
  for (const lane of ["control", "data"] as const) {
    for (let gone = takeLocal(core, to, lane); gone !== undefined; gone = takeLocal(core, to, lane))
      bury(core, gone, why);
  }
}

function takeLocal(core: Core, to: Envelope["to"], lane: Lane): Envelope | undefined {
  const envelope = core.outbox.takeLocal(to, lane);
  if (envelope !== undefined) eraseMail(core, KEY.out(envelope.n));
  return envelope;
}

/** May be lost: sent once, to whoever is there. */
export function emitHint(core: Core, envelope: Unnumbered): void {
  const host = hostOf(envelope.to);
  if (host !== core.options.id) return send(core, host, { kind: "mail", envelope });
  const cell = core.cells.get(envelope.to);
  if (cell?.mailbox.hasRoom(envelope.lane) === true) post(core, cell, envelope, false);
  else core.counts.dropped += 1;
}

export function emitAsk(
  core: Core,
  cell: Cell,
  command: Extract<Command, { do: "ask" }>,
  label: Envelope["label"],
): void {
  const { to, event, options } = command;
  const { name, key = "", lane = "data", deadlineMs, onRestart, after } = options;
  const slot = askSlot(name, key);
  if (cell.asks.has(slot)) dropAsk(core, cell, slot);
  core.serial += 1;
  const id = `${cell.address}#${slot}@${core.serial}`;
  const deadlineWallMs = core.options.clock.wallMs() + deadlineMs;
  const bare = { id, from: cell.address, to, event, name, key, lane, deadlineWallMs, onRestart, label };
  const row: AskRow = after === undefined ? bare : { ...bare, after };
  const open: OpenAsk = { row, sentToLife: undefined, answered: false };
  cell.asks.set(slot, id);
  core.asks.set(id, open);
  write(core, KEY.ask(id), row);
  core.due.add(core.options.clock.monotonicMs() + deadlineMs, { kind: "deadline", ask: id });
  sendAsk(core, open);
}

export const askSlot = (name: AskOptions["name"], key: string): string => `${name}/${key}`;

/** To a port of this thread, to a cell of this host, or to another host. Also when an `again` ask is sent again. */
export function sendAsk(core: Core, open: OpenAsk): void {
  const { id, from, to, lane, label, event, after } = open.row;
  const host = hostOf(to);
  const envelope: Envelope = { to, from, lane, n: 0, label, event, re: { id, from } };
  if (host !== core.options.id) {
    const peer = core.peers.get(host);
    if (peer === undefined) return;
    open.sentToLife = peer.life;
    return send(core, host, { kind: "mail", envelope }, after);
  }
  if (kindOf(to) === "port") return callPort(core, open);
  const cell = core.cells.get(to);
  if (cell === undefined) return postAnswer(core, id, failure("cell.gone", `nobody lives at ${to}`));
  if (!cell.mailbox.hasRoom(lane)) return postAnswer(core, id, failure("mailbox.full", `${to} has no room`));
  // The row of the ask is what survives; an `again` ask is put into the mailbox anew after a restart.
  post(core, cell, envelope, false);
}

function callPort(core: Core, open: OpenAsk): void {
  const { id, from, to, event, deadlineWallMs } = open.row;
  const port = core.options.ports?.[idOf(to)];
  if (port === undefined) return postAnswer(core, id, failure("defect", `no port ${to} in this thread`));
  const clock = core.options.clock;
  const deadlineMs = clock.monotonicMs() + (deadlineWallMs - clock.wallMs());
  core.portCalls.push(() => {
    try {
      port.ask({ id, from, event, deadlineMs }, (result) => {
        postAnswer(core, id, result);
        core.options.wake();
      });
    } catch (thrown) {
      postAnswer(core, id, { ok: false, error: errorData(thrown) });
    }
  });
}

/** delete + abort. Kernel rule 2. */
export function dropAsk(core: Core, cell: Cell, slot: string): void {
  const id = cell.asks.get(slot);
  const open = id === undefined ? undefined : core.asks.get(id);
  if (open === undefined) return;
  cell.asks.delete(slot);
  core.asks.delete(open.row.id);
  erase(core, KEY.ask(open.row.id));
  abortAsk(core, open.row);
}

/** Tells whoever works on it that nobody waits any more. */
export function abortAsk(core: Core, { id, to }: AskRow): void {
  const host = hostOf(to);
  if (host !== core.options.id) return send(core, host, { kind: "drop", to, id });
  if (kindOf(to) === "port") {
    core.portCalls.push(() => core.options.ports?.[idOf(to)]?.drop(id));
    return;
  }
  const cell = core.cells.get(to);
  if (cell !== undefined) postDropped(core, cell, id);
}
