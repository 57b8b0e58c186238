/**
 * What other hosts send, let into mailboxes.
 *
 * Owns: duplicates, gates, acks, answers and drops as they arrive. Does not own: folding.
 *
 *  A1 n <= mark is a duplicate: acknowledged again, folded never. Kernel rule 5.
 *  A2 A full lane refuses from number n on, and takes n first when it has room again. Kernel rule 6.
 *  A3 An ack leaves only with the commit that stored or folded what it acknowledges. Kernel rule 4.
 *  A4 Gates and marks are kept for each lane, so that control passes a shut gate of data. Kernel rule 7.
 *
 * @module
 */
import { type Cell, isGated, type Mark } from "./cell.ts";
import { type Core, eraseMail, failure, send, sendAck } from "./core.ts";
import { bury } from "./dead-letters.ts";
import type { Envelope, Frame, Lane } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { answer, post, postAnswer, postDropped } from "./post.ts";
import { saveMark } from "./unsaved.ts";

const LANES: readonly Lane[] = ["control", "data"];

export function accept(core: Core, from: string, frame: Frame): void {
  switch (frame.kind) {
    case "mail":
      return acceptMail(core, from, frame.envelope);
    case "ack":
      return acceptAcks(core, from, frame.ns);
    case "gate":
      if (!frame.open) return core.outbox.shut(frame.n, from);
      return sendMail(core, from, core.outbox.reopen(frame.n, from));
    case "answer":
      return postAnswer(core, frame.id, frame.result);
    case "drop": {
      const cell = core.cells.get(frame.to);
      if (cell !== undefined) postDropped(core, cell, frame.id);
      return;
    }
  }
}

export function sendMail(core: Core, host: string, envelopes: readonly Envelope[]): void {
  for (const envelope of envelopes) send(core, host, { kind: "mail", envelope });
}

/** Acknowledged: the row is forgotten with the next commit, and what waited for the window may go. */
function acceptAcks(core: Core, from: string, ns: readonly number[]): void {
  for (const n of ns) {
    const next = core.outbox.acked(n, from);
    if (next === undefined) continue;
    eraseMail(core, KEY.out(n));
    sendMail(core, from, next);
  }
}

function acceptMail(core: Core, from: string, envelope: Envelope): void {
  const { n, to } = envelope;
  const cell = core.cells.get(to);
  if (cell === undefined) {
    if (n > 0) sendAck(core, from, n);
    return bury(core, envelope, "no cell");
  }
  if (n === 0) return acceptVolatile(core, cell, envelope);
  const mark = cell.marks.get(from);
  if (mark !== undefined && n <= mark.row[envelope.lane]) {
    core.counts.duplicates += 1;
    return sendAck(core, from, n);
  }
  if (isShut(core, cell, from, envelope)) return;
  advance(core, cell, from, envelope, mark);
  sendAck(core, from, n);
  post(core, cell, envelope, true);
}

function acceptVolatile(core: Core, cell: Cell, envelope: Envelope): void {
  if (cell.mailbox.hasRoom(envelope.lane)) return post(core, cell, envelope, false);
  core.counts.refused += 1;
  if (envelope.re !== undefined) {
    answer(core, envelope.re, failure("mailbox.full", `${cell.address} has no room`), "commit");
  }
}

function advance(core: Core, cell: Cell, from: string, { lane, n }: Envelope, known: Mark | undefined): void {
  let mark = known;
  if (mark === undefined) {
    mark = { key: KEY.mark(cell.address, from), row: { control: 0, data: 0 }, isUnsaved: false };
    cell.marks.set(from, mark);
  }
  mark.row[lane] = n;
  saveMark(core, mark);
}

/** Kernel rule 6: from the first refused number on, only that number opens the gate again. */
function isShut(core: Core, cell: Cell, from: string, { lane, n }: Envelope): boolean {
  const gates = cell.gates[lane];
  const hasRoom = cell.mailbox.hasRoom(lane);
  if (hasRoom && gates.size === 0) return false;
  const gate = gates.get(from);
  if (hasRoom && (gate === undefined || n <= gate.n)) {
    if (gate !== undefined) openGate(core, cell, lane, from);
    return false;
  }
  core.counts.refused += 1;
  // The first number again: whoever sent it knows nothing of this gate, or had been told that it is open.
  if (gate === undefined || n <= gate.n) {
    gates.set(from, { n, open: false });
    core.gated.add(cell);
    send(core, from, { kind: "gate", to: cell.address, n, open: false });
  }
  return true;
}

function openGate(core: Core, cell: Cell, lane: Lane, host: string): void {
  cell.gates[lane].delete(host);
  if (!isGated(cell)) core.gated.delete(cell);
}

/** Room again: whoever was refused may send on, beginning with what was refused first. */
export function openGates(core: Core, cell: Cell): void {
  for (const lane of LANES) {
    const gates = cell.gates[lane];
    if (gates.size === 0 || !cell.mailbox.isHalfEmpty(lane)) continue;
    for (const [host, gate] of gates) {
      if (gate.open) continue;
      gate.open = true;
      send(core, host, { kind: "gate", to: cell.address, n: gate.n, open: true });
    }
  }
}

/** The cell is gone: what waits at its gates comes, and is buried. */
export function dropGates(core: Core, cell: Cell): void {
  for (const lane of LANES) {
    for (const [host, { n }] of cell.gates[lane]) send(core, host, { kind: "gate", to: cell.address, n, open: true });
    cell.gates[lane].clear();
  }
  core.gated.delete(cell);
}

/** A host that comes up sends everything again, and knows of no gate. */
export function forgetGates(core: Core, host: string): void {
  for (const cell of core.gated) for (const lane of LANES) openGate(core, cell, lane, host);
}
