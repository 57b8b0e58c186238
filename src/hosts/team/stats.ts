/**
 * What the team was worth, read from the archive.
 *
 *  SA1 One session is in memory at a time. A log that is damaged is counted as that, and hides no other.
 *
 * @module
 */
import { type Account, accountOf, judgedOf, sharedLength, worthOf } from "../../../machines/rules/worth.ts";
import type { TeamStats } from "../../protocol/team-api.ts";
import type { Archive, KeptLog } from "./archive.ts";

export async function statsIn(archive: Archive): Promise<TeamStats> {
  const accounts: Account[] = [];
  let damaged = 0;
  for (const session of await archive.sessions()) {
    const shelf = await archive.shelf(session);
    accounts.push(...accountsOf(shelf.kept));
    damaged += shelf.damaged.length;
  }
  return { schemaVersion: 1, damaged, modes: worthOf(accounts).map(shown), gate: judgedOf(accounts), agents: [] };
}

/** As the schema has them: to be changed by whoever asked. */
const shown = ({ reasons, whys, ...its }: ReturnType<typeof worthOf>[number]): TeamStats["modes"][number] => ({
  ...its,
  reasons: [...reasons],
  whys: [...whys],
});

/** A fork is of the same session, and begins with what was said in the other. */
function accountsOf(logs: readonly KeptLog[]): readonly Account[] {
  const ended = logs.toSorted((a, b) => (a.log.at(-1)?.at ?? 0) - (b.log.at(-1)?.at ?? 0));
  return ended.flatMap(({ log }, index) => {
    const given = ended.slice(0, index).map((earlier) => sharedLength(earlier.log, log));
    return accountOf(log, Math.max(0, ...given)) ?? [];
  });
}
