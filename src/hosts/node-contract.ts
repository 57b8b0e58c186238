/**
 * What the keeper asks of a node that runs in its own process, and what it gets.
 *
 * Owns: the shapes. node.ts answers them; the keeper (src/cli) calls. Types alone, so that it costs nothing to import.
 *
 * @module
 */
import type { z } from "zod";
import type { Device } from "../../machines/rules/reserve.ts";
import type { readyLine } from "../protocol/api.ts";
import type { Config } from "../runtime/config/load.ts";
import type { Paths } from "../runtime/config/paths.ts";

export type ReadyLine = z.infer<typeof readyLine>;

export interface NodeOptions {
  readonly config: Config;
  readonly paths: Paths;
  /** Where models may go, and what is free there; this machine's own memory when not given. */
  readonly room?: () => readonly Device[];
  /** No model is loaded before somebody asks for one. */
  readonly cold?: boolean;
  /** Takes a line for people: what the node has to say beside its answers. */
  log(line: string): void;
}

export interface RunningNode {
  readonly ready: ReadyLine;
  /** The API without keys, for whoever may read RBEE_HOME. */
  readonly socketPath: string;
  /**
   * Finishes what runs, within the deadlines of `shutdown`, then stops everything. Harmless when repeated.
   *
   * @param exitCode with which the process ends, where that is known already: the log tells it, and `ended` gives it
   */
  stop(exitCode?: number): Promise<void>;
  /** Cuts a stop short: what still runs is ended. */
  stopNow(): void;
  /** Somebody has moved its log away: what comes goes to a new one. */
  reopenLog(): void;
  /** Settles once nothing of the node is left, by whichever way it ended. */
  readonly ended: Promise<{ readonly exitCode: number }>;
  /** Connections to the socket that are open now. */
  attachedClients(): number;
}
