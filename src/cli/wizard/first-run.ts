/**
 * Whether this is the first run of a person who has chosen nothing yet.
 *
 *  FR1 Nobody is asked twice: once answered or declined it is over for this home.
 *  FR2 Nobody is asked who has configured anything, has a model, names a queen, or joins a node that runs already.
 *  FR3 Without a terminal, in CI and with RBEE_NO_WIZARD nothing is asked.
 *
 * @module
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { readHolder } from "../../hosts/real/home-lock.ts";
import { Catalog } from "../../hosts/models/catalog.ts";
import type { LoadedConfig } from "../../runtime/config/load.ts";
import type { Environment, Paths } from "../../runtime/config/paths.ts";
import { writePrivately } from "../../runtime/config/private-file.ts";

const markOf = ({ state }: Paths): string => path.join(state, "wizard.json");

export type Answered = "accepted" | "declined";

/** FR1 */
export function rememberAnswer(paths: Paths, answered: Answered): void {
  const said = { schemaVersion: 1, answered, at: new Date().toISOString() };
  writePrivately(markOf(paths), `${JSON.stringify(said)}\n`);
}

export async function isFirstRun({ paths, origins }: LoadedConfig, env: Environment): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || env["TERM"] === "dumb") return false;
  if (env["RBEE_NO_WIZARD"] || env["CI"] || env["RBEE_QUEEN"]) return false;
  if (existsSync(markOf(paths)) || existsSync(paths.configFile)) return false;
  if ([...origins.values()].some(({ origin }) => origin.kind !== "default")) return false;
  if (readHolder(paths.home) !== undefined) return false;
  return (await new Catalog(paths.models).list()).length === 0;
}
