/**
 * The whole examination, in the order in which it is told.
 *
 * @module
 */
import { readHolder } from "../../hosts/real/home-lock.ts";
import { errorData } from "../../protocol/errors.ts";
import { loadConfig, type Config } from "../../runtime/config/load.ts";
import { findPaths, type Environment } from "../../runtime/config/paths.ts";
import { examine, type Check, type Named } from "./check.ts";
import { door, hub } from "./door-checks.ts";
import { cluster, lease, member } from "./cluster-check.ts";
import { engine } from "./engine-check.ts";
import { bounds, configuration, holder, home, leftovers, orphans } from "./home-checks.ts";
import { clock, disk, memory, nodejs } from "./machine-checks.ts";

const CHECKS: readonly Check[] = [
  nodejs,
  engine,
  memory,
  disk,
  clock,
  home,
  configuration,
  holder,
  door,
  cluster,
  member,
  orphans,
  leftovers,
  bounds,
  lease,
  hub,
];

export async function examineAll(env: Environment, cwd: string): Promise<readonly Named[]> {
  const paths = findPaths(env, cwd);
  const examined = { env, cwd, paths, ...readConfig(env, cwd), holder: readHolder(paths.home) };
  const found = await Promise.all(CHECKS.map((check) => examine(check, examined)));
  return found.filter((named) => named !== undefined);
}

function readConfig(env: Environment, cwd: string): { config: Config | undefined; configError: string | undefined } {
  try {
    return { config: loadConfig({ flags: {}, env, cwd }).config, configError: undefined };
  } catch (error) {
    return { config: undefined, configError: errorData(error).message };
  }
}
