/**
 * The last step of every delivery: mail, answers and news of dropped asks, put into a cell of this host.
 *
 * Owns: what a mailbox is given and whether the turn must store it. Does not own: who may send (accept.ts, emit.ts).
 *
 *  P1 The first answer to an open ask is the one; every other is late: counted, and it changes nothing. Kernel rule 2.
 *  P2 A question that was dropped before it was folded is never folded.
 *
 * @module
 */
import { hostOf } from "../../machines/words.ts";
import type { Cell } from "./cell.ts";
import { type Core, deliver, isDurable, send } from "./core.ts";
import type { AskRef, AskResult, Envelope, Message } from "./envelope.ts";
import type { Mail } from "./mailbox.ts";

/** Dropped asks that a cell has not heard of yet. Each ask has a deadline besides, so more may be forgotten. */
const URGENT_MAX = 4096;

/** Into the mailbox. Mail that must survive is stored by the commit of this turn, unless it was folded by then. */
export function post(core: Core, cell: Cell, envelope: Envelope, durable: boolean): void {
  const kept = durable && isDurable(core);
  const mail: Mail = { kind: "mail", envelope, durable: kept, row: undefined, taken: false, withdrawn: false };
  if (kept) core.fresh.push(mail);
  deliver(core, cell, mail);
}

export function postAnswer(core: Core, id: string, result: AskResult): void {
  const open = core.asks.get(id);
  const cell = open === undefined ? undefined : core.cells.get(open.row.from);
  if (open === undefined || cell === undefined || open.answered) {
    core.counts.late += 1;
    return;
  }
  open.answered = true;
  deliver(core, cell, { kind: "answer", id, result });
}

/** To whoever asked, here or elsewhere. */
export function answer(core: Core, re: AskRef, result: AskResult, after: "commit" | "flush"): void {
  const host = hostOf(re.from);
  if (host === core.options.id) postAnswer(core, re.id, result);
  else send(core, host, { kind: "answer", to: re.from, id: re.id, result }, after);
}

/** The asker of something this cell may still work on wants no answer any more. */
export function postDropped(core: Core, cell: Cell, id: string): void {
  if (cell.mailbox.withdraw(id)) return;
  if (cell.mailbox.urgentLength >= URGENT_MAX) return;
  const event: Message & { readonly id: string } = { type: "ask.dropped", id };
  deliver(core, cell, { kind: "kernel", event, label: "internal" });
}
