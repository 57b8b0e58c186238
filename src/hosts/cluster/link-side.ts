/**
 * What a porter's links need of whoever is at this end of them: the queen's machine, or one that works for her.
 *
 * Owns: the shape of a side, and what it is given. Does not own: either side (queen-side.ts, member-side.ts), what both
 * have in common (links.ts).
 *
 * @module
 */
import type { Link } from "../../net/link/link.ts";
import type { PipeReader, PipeReaderEvents } from "../../net/link/pipes.ts";
import type { Role } from "../../net/link/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Frame } from "../../runtime/envelope.ts";
import type { Afar } from "../porter/porter.ts";
import type { Talk } from "./talk.ts";

/** One that is linked. */
export interface Machine {
  readonly name: string;
  readonly link: Link;
  /** Hosts of this machine are known there. */
  isHeard: boolean;
}

/** What a side may do with links. */
export interface Ways {
  /** Behind the mail that was sent before it. @returns whether that machine is linked */
  readonly say: (machine: string, talk: Talk) => boolean;
  /** Where a host of another machine is. */
  readonly machineOf: (host: string) => string | undefined;
}

/** What it has not, nobody asks of it: readers are at the queen's, and so is whoever reads files of others. */
export interface Side extends Partial<Pick<Afar, "chunk" | "loading" | "credit" | "resume">> {
  readonly role: Role;
  /** Hosts are told of only when the other side has shown its term: LN5. */
  readonly waitsForTerm: boolean;
  /** Whether a term that it has shown ends the link. */
  cuts(why: ErrorData): boolean;
  /** Whether other machines hear of this host of ours. */
  isTold(host: string): boolean;
  /** LN2. */
  mayCome(machine: string, host: string): boolean;
  maySay(machine: string, from: string, frames: readonly Frame[]): boolean;
  /** A link stands. */
  up(machine: Machine): void;
  /** Hosts hear of each other from here on. @param tellHosts of this machine */
  letIn(machine: Machine, tellHosts: () => void): void;
  down(machine: string, reason: ErrorData): void;
  /** A host of ours, of which others have heard. */
  hostUp(host: string): void;
  hostDown?(host: string): void;
  /** A host of another machine. */
  came?(machine: string, host: string): void;
  hear(machine: Machine, message: Talk): void;
  pipe?(machine: string, reader: PipeReader): PipeReaderEvents | undefined;
  /** What may be otherwise by now is told. */
  tell(): void;
}
