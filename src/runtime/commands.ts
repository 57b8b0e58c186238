/**
 * The commands of one step: first vetted, while the step can still be undone, then carried out.
 *
 * Owns: which commands cannot be, what each of them means. Does not own: rows (fold.ts changes them while handlers
 * run), sending (emit.ts), beginning and ending cells (life.ts).
 *
 *  V1 What was vetted can be carried out: after a step stands, only a defect of the kernel throws. Kernel rule 9.
 *  V2 A cell that stopped itself earlier in a step owns nothing any more; what it tells and answers still goes out.
 *
 * @module
 */
import { type Address, address, hostOf, idOf, isAddress, kindOf, type Label } from "../../machines/words.ts";
import { RbeeError } from "../protocol/errors.ts";
import type { Command } from "./behaviour.ts";
import type { Cell } from "./cell.ts";
import { type Core, deliver } from "./core.ts";
import { askSlot, dropAsk, emitAsk, emitHint, emitTell } from "./emit.ts";
import type { Message } from "./envelope.ts";
import { behaviourOf, spawnCell, stopCell, watchCell } from "./life.ts";
import { answer } from "./post.ts";

/** What could not be carried out is refused here, while the step can still be undone as a whole. */
export function vetted(core: Core, command: Command, earlier: readonly Command[]): Command {
  switch (command.do) {
    case "spawn":
      behaviourOf(core, command.kind);
      if (isTaken(core, address(core.options.id, command.kind, command.id), earlier)) {
        throw new RbeeError("defect", `${command.kind}/${command.id} lives already`);
      }
      return command;
    case "watch":
      if (hostOf(command.address) !== core.options.id)
        throw new RbeeError("defect", `${command.address} is of another host`);
      return command;
    case "tell":
      assertAddress(command.to);
      assertMessage(command.event);
      return command;
    case "raise":
      assertMessage(command.event);
      return command;
    case "reply":
      assertAddress(command.re.from);
      return command;
    case "ask":
      assertAddress(command.to);
      assertMessage(command.event);
      if (isLocalPort(core, command.to) && core.options.ports?.[idOf(command.to)] === undefined) {
        throw new RbeeError("defect", `no port ${command.to} in this thread`);
      }
      return command;
    default:
      return command;
  }
}

function assertAddress(to: Address): void {
  if (!isAddress(to)) throw new RbeeError("defect", `${String(to)} is no address`);
}

function assertMessage(event: Message | undefined): void {
  if (typeof event?.type !== "string") throw new RbeeError("defect", "what is said has no type");
}

/** Taken as things will stand when the commands before it have been carried out. */
function isTaken(core: Core, at: Address, earlier: readonly Command[]): boolean {
  let taken = core.cells.has(at);
  for (const other of earlier) {
    if (other.do === "stop" && other.address === at) taken = false;
    else if (other.do === "spawn" && address(core.options.id, other.kind, other.id) === at) taken = true;
  }
  return taken;
}

const isLocalPort = (core: Core, to: Address): boolean => hostOf(to) === core.options.id && kindOf(to) === "port";

/** Of a step that stands: nothing in here may fail any more. */
export function carryOut(core: Core, cell: Cell, command: Command, label: Label): void {
  switch (command.do) {
    case "tell": {
      const { to, event, lane, volatile } = command;
      return (volatile ? emitHint : emitTell)(core, { to, from: cell.address, lane, n: 0, label, event });
    }
    case "reply":
      return answer(core, command.re, command.result, command.after);
    case "stop": {
      const target = core.cells.get(command.address);
      if (target !== undefined) stopCell(core, target, "stopped");
      return;
    }
    default:
      // A cell that stopped itself earlier in this step owns nothing any more.
      if (!cell.gone) carryOutOwn(core, cell, command, label);
  }
}

type OwnCommand = Exclude<Command, { do: "tell" | "reply" | "stop" }>;

/** What belongs to the cell that commands it. */
function carryOutOwn(core: Core, cell: Cell, command: OwnCommand, label: Label): void {
  switch (command.do) {
    case "ask":
      return emitAsk(core, cell, command, label);
    case "drop":
      return dropAsk(core, cell, askSlot(command.name, command.key));
    case "spawn": {
      const { kind, id, input } = command;
      spawnCell(core, { kind, id, input, parent: cell.address, label });
      return;
    }
    case "watch":
      return watchCell(core, command.address, cell.address);
    case "raise":
      return deliver(core, cell, { kind: "kernel", event: command.event, label });
    case "put":
    case "del":
      throw new RbeeError("defect", "rows change while handlers run");
  }
}
