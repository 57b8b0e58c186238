/**
 * Where everything lies on this machine.
 *
 * Owns: the folders, from RBEE_HOME or the XDG conventions. Does not own: what is in them.
 *
 *  P1 With RBEE_HOME set nothing of rbee lies outside that folder.
 *  P2 Every folder is its owner's alone (0700).
 *
 * @module
 */
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import envPaths from "env-paths";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Paths {
  /** The folder whose lock stands for all of them: one node at a time. */
  readonly home: string;
  /** The user's configuration file; it need not exist. */
  readonly configFile: string;
  /** Which files of folders the user trusts; not beside a file that RBEE_CONFIG names, which may be anybody's place. */
  readonly trust: string;
  readonly data: string;
  readonly models: string;
  /** Journals and the REPL's history. */
  readonly state: string;
  readonly logs: string;
}

/** @param env RBEE_HOME and RBEE_CONFIG are read from it; the XDG folders come from the process's own environment. */
export function findPaths(env: Environment, cwd: string): Paths {
  const named = env["RBEE_CONFIG"];
  const configFileIn = (folder: string): string =>
    named ? path.resolve(cwd, named) : path.join(folder, "config.yaml");
  if (env["RBEE_HOME"]) {
    const home = path.resolve(cwd, env["RBEE_HOME"]);
    const inside = (name: string): string => path.join(home, name);
    return {
      home,
      configFile: configFileIn(home),
      trust: inside("trust"),
      data: inside("data"),
      models: inside("models"),
      state: inside("state"),
      logs: inside("logs"),
    };
  }
  const xdg = envPaths("rbee", { suffix: "" });
  // env-paths calls the XDG state folder `log`: on Linux both are one.
  const state = xdg.log;
  return {
    home: state,
    configFile: configFileIn(xdg.config),
    trust: path.join(xdg.config, "trust"),
    data: xdg.data,
    models: path.join(xdg.data, "models"),
    state,
    logs: path.join(state, "logs"),
  };
}

/** Makes the folders inside. The home itself is prepared by whoever holds it, the user's configuration by the user. */
export function makeFolders(paths: Paths): void {
  for (const folder of [paths.data, paths.models, paths.state, paths.logs]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // One that was there before, or a strange umask, may be wider than asked for.
    chmodSync(folder, 0o700);
  }
}
