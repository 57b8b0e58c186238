/**
 * What people are told of links: one that stands, that is gone, that cannot be made.
 *
 * Owns: the lines, and which of them would only be said again. Does not own: any link.
 *
 *  LW1 While a machine cannot be reached the cause is said once, and again only when it is another; when the link
 *      stands again, after how many tries it does.
 *
 * @module
 */
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";

interface Trying {
  readonly cause: string;
  readonly tries: number;
}

export class LinkWords {
  readonly #log: (line: string) => void;
  /** Machines that were tried in vain since their link last stood. */
  readonly #trying = new Map<string, Trying>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  stands(machine: string): void {
    const tries = this.#trying.get(machine)?.tries ?? 0;
    this.#trying.delete(machine);
    this.#log(`linked with ${machine}${tries > 1 ? `, after ${tries} tries in vain` : ""}`);
  }

  gone(machine: string, { code, message }: ErrorData): void {
    this.#log(`the link to ${machine} is gone: ${code}: ${message}`);
  }

  /** LW1. */
  failed(machine: string, { code, message }: ErrorData): void {
    const before = this.#trying.get(machine);
    const cause = `${code}: ${message}`;
    this.#trying.set(machine, { cause, tries: (before?.tries ?? 0) + 1 });
    if (before?.cause === cause) return;
    const isTried = ERRORS[code].class === "transient";
    this.#log(`the link to ${machine}: ${cause}${isTried ? ". It is tried again until it stands." : ""}`);
  }
}
