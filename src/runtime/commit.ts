/**
 * The end of a turn: one commit for all cells touched, then what the turn decided may leave.
 *
 * Owns: what is written with every commit, and the order and moment of every release.
 * Does not own: what a turn folds (host.ts), or carrying frames (the transport).
 *
 *  E1 Nothing leaves before the commit of what decided it. Kernel rule 1.
 *  E2 What other machines and durable hosts are told leaves after the flush, so that no loss of power makes a host
 *     forget a number it has used or mail it has acknowledged; so does whatever is marked so, since a client will rely
 *     on it. Port calls leave after the commit, and so does what goes to a volatile host of this machine: the power
 *     that this host loses ends that one too. Kernel rules 4 and 5.
 *  E3 What was numbered for one connection never leaves on the next, where it would overtake what is sent again.
 *  E4 A refused commit crashes the host and releases nothing. Kernel rule 10.
 *
 * @module
 */
import { type Core, type Parcel, send, writeMail } from "./core.ts";
import { isNumbered } from "./envelope.ts";
import { KEY } from "./journal.ts";
import { type MetaRow, SERIAL_GAP } from "./restore.ts";
import { writeUnsaved } from "./unsaved.ts";

export function commitTurn(core: Core): void {
  writeRest(core);
  // Steps that write nothing use serials too; a restart skips so many and no more.
  const due = core.batch.size > 0 || core.serial - core.savedSerial >= SERIAL_GAP / 2;
  if (due) commitBatch(core, false);
}

/** The last commit of a host that stops by itself. */
export function commitLast(core: Core): void {
  writeRest(core);
  for (const identity of core.tries.keys()) core.batch.del(KEY.tries(identity));
  commitBatch(core, true);
}

/** What is written as it is by then. */
function writeRest(core: Core): void {
  writeUnsaved(core);
  storeFresh(core);
}

/** Mail rows are the backlog: what was folded in the turn it arrived is never written. Kernel rule 4. */
function storeFresh(core: Core): void {
  for (const mail of core.fresh) {
    if (mail.taken) continue;
    core.serial += 1;
    mail.row = KEY.mail(core.serial);
    writeMail(core, mail.row, mail.envelope);
  }
  core.fresh = [];
}

function commitBatch(core: Core, clean: boolean): void {
  const { journal } = core.options;
  if (journal === undefined) return;
  core.batch.put(KEY.meta, metaRow(core, clean));
  try {
    journal.commit(core.batch.take());
    core.savedSerial = core.serial;
    core.counts.commits += 1;
  } catch (error) {
    core.crashed = { error };
  }
}

/** `clean`: the host stopped by itself, and the next one need not be careful. */
export const metaRow = (core: Core, clean: boolean): MetaRow => ({ serial: core.serial, out: core.outbox.next, clean });

export function releaseTurn(core: Core): void {
  sendAcks(core);
  const { afterCommit, afterFlush, portCalls } = core;
  core.portCalls = [];
  if (afterCommit.size > 0) {
    core.afterCommit = new Map();
    sendAll(core, afterCommit);
  }
  if (afterFlush.size > 0) {
    core.afterFlush = new Map();
    core.options.journal?.flushed(() => sendAll(core, afterFlush));
  }
  for (const call of portCalls) call();
}

/** Behind what else this turn tells their host. */
function sendAcks(core: Core): void {
  if (core.acks.size === 0) return;
  for (const [host, ns] of core.acks) send(core, host, { kind: "ack", ns });
  core.acks = new Map();
}

/** Frames of one host leave together and in order. */
function sendAll(core: Core, parcels: ReadonlyMap<string, Parcel>): void {
  for (const [host, { connection, frames }] of parcels) {
    const isMeant = connection === core.peers.get(host)?.connection;
    const passing = isMeant ? frames : frames.filter((frame) => !isNumbered(frame));
    if (passing.length > 0) core.options.transport.send(host, passing);
  }
}
