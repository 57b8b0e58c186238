/**
 * `rbee node`: this machine's part of the cluster, in the foreground, until a signal.
 *
 * @see src/cli/session/serving.ts for how it serves, and ends
 * @module
 */
import { loadConfig } from "../../runtime/config/load.ts";
import { refuse } from "../options.ts";
import type { RunCommand } from "../run.ts";
import { flagsFrom, serveUntilEnded } from "../session/serving.ts";

export const node: RunCommand = async (run) => {
  const { options, output, env, cwd } = run;
  const roles = (options.text("--role") ?? "queen,hive").split(",").toSorted().join(",");
  if (roles === "hive") return (await import("./join.ts")).joinBy(run, options.text("--token"));
  if (roles !== "hive,queen") refuse("--role takes queen,hive, or hive alone");
  const { config, paths } = loadConfig({ flags: flagsFrom(options), env, cwd });
  const { startNode } = await import("../../hosts/node.ts");
  return serveUntilEnded(run, await startNode({ config, paths, log: output.say }));
};
