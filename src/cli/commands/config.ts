/**
 * `rbee config show|list|path|validate`: what is in force, who said so, and whether a file is right.
 *
 * @module
 */
import { existsSync } from "node:fs";
import nodePath from "node:path";
import { Document } from "yaml";
import { RbeeError } from "../../protocol/errors.ts";
import { FOLDER_FILE, loadConfig, type LoadedConfig } from "../../runtime/config/load.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import { tellFacts } from "../facts.ts";
import type { Run, RunCommand } from "../run.ts";
import { table } from "../table.ts";

/** As YAML that could stand in a configuration file. */
export const show: RunCommand = (run) => {
  if (run.options.on("--json") || run.options.on("--show-origin")) return list(run);
  const document = new Document({});
  for (const [key, { value }] of load(run).origins) if (value !== undefined) document.setIn(key.split("."), value);
  return tellFacts(run, {}, String(document));
};

/** A line a setting. */
export const list: RunCommand = (run) => {
  const settings = [...load(run).origins].map(([key, { value, origin }]) => ({
    key,
    value: value ?? null,
    origin: origin.where,
  }));
  const rows = settings.map(({ key, value, origin }) => [
    `${key} = ${value === null ? "(not set)" : typeof value === "string" ? value : JSON.stringify(value)}`,
    ...(run.options.on("--show-origin") ? [origin] : []),
  ]);
  return tellFacts(run, { settings }, table(rows));
};

export const path: RunCommand = (run) => {
  const file = findPaths(run.env, run.cwd).configFile;
  return tellFacts(run, { path: file, exists: existsSync(file) }, `${file}\n`);
};

/** A file called rbee.yaml is held to what the file of a folder may say, as it will be when it is read there. */
export const validate: RunCommand = (run) => {
  const [given] = run.args;
  if (given === undefined) {
    load(run);
    return tellFacts(run, { valid: true }, "valid\n");
  }
  const file = nodePath.resolve(run.cwd, given);
  if (!existsSync(file)) throw new RbeeError("config.invalid", `${file} does not exist`, { file });
  const isFolderFile = nodePath.basename(file) === FOLDER_FILE;
  load(isFolderFile ? { ...run, cwd: nodePath.dirname(file) } : { ...run, env: { ...run.env, RBEE_CONFIG: file } });
  return tellFacts(run, { valid: true, path: file }, `${file} is valid\n`);
};

const load = ({ env, cwd }: Pick<Run, "env" | "cwd">): LoadedConfig => loadConfig({ flags: {}, env, cwd });
