/**
 * Mutants of which machines are looked at when there are many.
 *
 * @module
 */
import { SHORTLIST } from "./killers.ts";
import type { Mutant } from "./mutant.ts";

export const shortlist: readonly Mutant[] = [
  {
    name: "few-are-not-enough",
    rule: "MV3",
    breaks: "whoever asks why is told of fewer machines than there were to choose from",
    file: "src/actors/queen/candidates.ts",
    find: `mayBeChosen > ALTERNATIVES_MAX ? first`,
    replace: `mayBeChosen > 0 ? first`,
    killers: [SHORTLIST],
  },
  {
    name: "first-without-room",
    rule: "CH4",
    breaks: "who has the file and no room is looked at before those who have room",
    file: "machines/rules/choose-hive.ts",
    find: `hive.hasFile && !hive.isBarred && hasRoom(hive, wanted);`,
    replace: `hive.hasFile && !hive.isBarred && wanted !== undefined;`,
    killers: [SHORTLIST],
  },
];
