/**
 * Planted defects: proof that the checkers bite. Named in a scenario, so that its replay has them too.
 *
 * Owns: how behaviours and chunks are spoiled. Does not own: noticing it.
 *
 * @module
 */
import { apiKeys } from "../../src/actors/queen/tables.ts";
import type { Chunk } from "../../src/protocol/worker.ts";
import type { Behaviour, Command } from "../../src/runtime/behaviour.ts";

export const SABOTEURS = [
  "token.twice",
  "requeue.lost",
  "unbook.early",
  "slot.kept",
  "room.unmarked",
  "use.uncounted",
  "clients.kept",
] as const;

export type Saboteur = (typeof SABOTEURS)[number];

type Spoil = (kind: string, action: string, commands: readonly Command[]) => readonly Command[];

const without = (commands: readonly Command[], type: string): readonly Command[] =>
  commands.filter((command) => command.do !== "tell" || command.event.type !== type);

const isStopping = (row: unknown): boolean =>
  typeof row === "object" && row !== null && "state" in row && row.state === "stopping";

const SPOILS: Partial<Record<Saboteur, Spoil>> = {
  /** The queen never hears that a job waits again. */
  "requeue.lost": (kind, action, commands) =>
    kind === "job" && action === "requeue" ? without(commands, "job.requeued") : commands,
  /** The queen never hears that a slot is free. */
  "slot.kept": (kind, action, commands) =>
    kind === "job" && action === "vacate" ? without(commands, "job.vacated") : commands,
  /** A worker that was chosen to make room is still given jobs. */
  "room.unmarked": (kind, action, commands) =>
    kind === "queen" && (action === "place" || action === "noteLoadFailed")
      ? commands.filter((command) => command.do !== "put" || !isStopping(command.row))
      : commands,
  /** What a job took is not counted for its key. */
  "use.uncounted": (kind, action, commands) =>
    kind === "queen" && action === "noteEnded"
      ? commands.filter((command) => command.do !== "put" || command.table !== apiKeys.name)
      : commands,
  /** Jobs go on whose clients are gone with their node. */
  "clients.kept": (kind, action, commands) => (kind === "queen" && action === "endAwaited" ? [] : commands),
  /** Memory leaves the books when a process is told to stop. */
  "unbook.early": (kind, action, commands) =>
    kind === "hive" && action === "noteStopping"
      ? commands.map((command) =>
          command.do === "put" ? { do: "del" as const, table: command.table, key: command.key } : command,
        )
      : commands,
};

export function sabotage(saboteur: Saboteur | undefined, behaviour: Behaviour): Behaviour {
  const spoil = saboteur === undefined ? undefined : SPOILS[saboteur];
  if (spoil === undefined) return behaviour;
  const handlers = Object.fromEntries(
    Object.entries(behaviour.handlers).map(([action, handler]) => [
      action,
      (params: never, scope: Parameters<typeof handler>[1]) => spoil(behaviour.kind, action, handler(params, scope)),
    ]),
  );
  return { ...behaviour, handlers };
}

/** What a worker says, as it leaves its process. */
export const sabotageChunk = (saboteur: Saboteur | undefined, chunk: Chunk): readonly Chunk[] =>
  saboteur === "token.twice" && chunk.index === 2 ? [chunk, chunk] : [chunk];
