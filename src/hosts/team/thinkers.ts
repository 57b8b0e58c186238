/**
 * Who there is to think: the three that are shipped, whoever has a file in the user's own folder, a roster of roles.
 *
 * Owns: the folders, which of two files is meant, who discusses where nobody is named. Does not own: what may stand in
 * a file (prompts.ts), how many seats a mode has (roster.ts).
 *
 *  TK1 Whoever has a file in the user's folder is in the next discussion, and whoever has none any more is not; only
 *      where `team.specialists` names somebody these discuss, in that order, and nobody else's file is looked at.
 *  TK2 The user's file wins over the shipped one of the same name.
 *  TK3 A role of the roster discusses where it is named.
 *  TK4 At most FILES_MAX files of a folder are read, and no more discuss than can listen to each other.
 *
 * @module
 */
import { opendirSync } from "node:fs";
import path from "node:path";
import { nearest } from "../../runtime/config/nearest.ts";
import { SPECIALISTS_MAX, THINKER_NAME } from "../../runtime/config/team.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { NAMED, readThinker, refuse, SHIPPED, type Thinker } from "./prompts.ts";

/** More than a person keeps apart; a folder with more is not one of thinkers. */
const FILES_MAX = 64;
const ENDING = ".md";

const SPECIALISTS = "specialists";
/** In the order in which they are asked first. */
const SHIPPED_TEAM: readonly string[] = ["divergent", "convergent", "critical"];

const ownFolder = (configFile: string): string => path.join(path.dirname(configFile), SPECIALISTS);

/** TK2. @param configFile the user's; his own specialists lie beside it. */
const foldersOf = (configFile: string): readonly string[] => [
  ownFolder(configFile),
  path.join(SHIPPED, SPECIALISTS),
  path.join(SHIPPED, "roster"),
];

/** Everybody there is, by name. @throws RbeeError specialist.invalid */
export function everyone(configFile: string): readonly Thinker[] {
  return allNames(configFile).flatMap((each) => found(each, configFile) ?? []);
}

/** TK1. @param named in the configuration. @throws RbeeError specialist.invalid */
export function teamNames(named: readonly string[] | undefined, configFile: string): readonly string[] {
  return named ?? [...new Set([...SHIPPED_TEAM, ...namesIn(ownFolder(configFile)).toSorted()])];
}

/** Those who discuss, in their order. @throws RbeeError specialist.invalid */
export function readTeam(named: readonly string[] | undefined, configFile: string): readonly Thinker[] {
  const names = teamNames(named, configFile);
  if (names.length > SPECIALISTS_MAX) {
    const folder = ownFolder(configFile);
    refuse(folder, `${names.length} would discuss, and at most ${SPECIALISTS_MAX} can: name them in team.specialists`);
  }
  return names.map((each) => {
    const thinker = found(each, configFile);
    if (thinker !== undefined) return thinker;
    const other = nearest(each, allNames(configFile));
    throw new RbeeError("specialist.invalid", `there is no specialist ${each}; the nearest is ${other}`, { key: each });
  });
}

/** TK2. @returns undefined when there is nobody of that name. @throws RbeeError specialist.invalid */
function found(of: string, configFile: string): Thinker | undefined {
  for (const folder of foldersOf(configFile)) {
    const thinker = readThinker(path.join(folder, `${of}${ENDING}`));
    if (thinker !== undefined) return thinker;
  }
  return undefined;
}

/** Sorted, each once. */
const allNames = (configFile: string): readonly string[] =>
  [...new Set(foldersOf(configFile).flatMap(namesIn))].toSorted();

/** TK4. @throws RbeeError specialist.invalid */
function namesIn(folder: string): readonly string[] {
  const names: string[] = [];
  try {
    const entries = opendirSync(folder);
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (!entry.name.endsWith(ENDING) || entry.name.startsWith(".")) continue;
        const of = entry.name.slice(0, -ENDING.length);
        if (!THINKER_NAME.test(of)) refuse(path.join(folder, entry.name), `its name: ${NAMED}`);
        if (names.push(of) > FILES_MAX) refuse(folder, `holds more than ${FILES_MAX} files`);
      }
    } finally {
      entries.closeSync();
    }
  } catch (error) {
    if (error instanceof RbeeError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code !== "ENOENT") refuse(folder, `cannot be read (${code})`);
  }
  return names;
}
