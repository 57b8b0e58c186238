/**
 * `rbee config show|list|path|validate|set|unset|trust`: what is in force, who said so, and whether a file is right;
 * changing the user's file, and trusting the file of a folder.
 *
 *  CF1 `set` says when what it wrote is not what is in force, and who says otherwise.
 *  CF2 Nothing is trusted that is not valid, and it is said what the trust permits.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import nodePath from "node:path";
import { Document } from "yaml";
import { readHolder } from "../../hosts/real/home-lock.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { readBounded, settingsOf, type FileSetting } from "../../runtime/config/file.ts";
import {
  checkText,
  FOLDER_FILE,
  fullEnvironment,
  loadConfig,
  valueFromText,
  type LoadedConfig,
} from "../../runtime/config/load.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import { findPaths } from "../../runtime/config/paths.ts";
import { isSettingKey, SETTING_KEYS, SETTINGS, type SettingKey, shown } from "../../runtime/config/settings.ts";
import { revokeTrust, trustText } from "../../runtime/config/trust.ts";
import { writeSetting } from "../../runtime/config/write.ts";
import { tellFacts } from "../facts.ts";
import { refuse } from "../options.ts";
import type { Run, RunCommand } from "../run.ts";
import { table } from "../terminal/table.ts";

/** As YAML that could stand in a configuration file. */
export const show: RunCommand = (run) => {
  if (run.options.on("--json") || run.options.on("--show-origin")) return list(run);
  const document = new Document({});
  for (const [key, { value }] of load(run).origins) {
    if (value !== undefined) document.setIn(key.split("."), shown(key, value));
  }
  return tellFacts(run, {}, String(document));
};

/** A line a setting. */
export const list: RunCommand = (run) => {
  const settings = [...load(run).origins].map(([key, { value, origin }]) => ({
    key,
    value: shown(key, value) ?? null,
    origin: origin.where,
  }));
  const rows = settings.map(({ key, value, origin }) => [
    `${key} = ${value === null ? "(not set)" : oneLine(value)}`,
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

export const set: RunCommand = (run) => {
  const [typed = "", text] = run.args;
  const key = settingKey(typed);
  if (run.options.on("--default")) {
    return text === undefined ? change(run, key, undefined) : refuse("--default takes no VALUE");
  }
  return change(run, key, valueFromText(key, text ?? refuse("VALUE is needed, or --default")));
};

export const unset: RunCommand = (run) => change(run, settingKey(run.args[0] ?? ""), undefined);

function settingKey(typed: string): SettingKey {
  if (isSettingKey(typed)) return typed;
  const likely = SETTING_KEYS.find((known) => known.endsWith(`.${typed}`)) ?? nearest(typed, SETTING_KEYS);
  return refuse(`there is no setting ${typed}; the nearest is ${likely}`);
}

async function change(run: Run, key: SettingKey, value: string | number | undefined): Promise<number> {
  const { env, cwd, output } = run;
  const { configFile, home } = findPaths(env, cwd);
  const changed = writeSetting(configFile, key, value, env);
  const said = value === undefined ? `${key} is not set` : `${key} = ${oneLine(value)}`;
  const inForce = load(run).origins.get(key);
  const overruled = inForce !== undefined && ["environment", "folder"].includes(inForce.origin.kind);
  if (overruled) output.say(`${inForce.origin.where} says ${oneLine(shown(key, inForce.value))}, and that wins`);
  const holder = changed ? readHolder(home) : undefined;
  if (holder !== undefined) output.say(`The node that runs (pid ${holder.pid}) reads it when it is started again.`);
  const facts = { key, value: value ?? null, path: configFile, changed, inForce: shown(key, inForce?.value) ?? null };
  return tellFacts(run, facts, `${said} in ${configFile}${changed ? "" : " already"}\n`);
}

const oneLine = (value: unknown): string =>
  typeof value === "string" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) ? value : JSON.stringify(value);

/** A folder, or the file in it. */
export const trust: RunCommand = async (run) => {
  const { env, cwd } = run;
  const paths = findPaths(env, cwd);
  const file = folderFile(nodePath.resolve(cwd, run.args[0] ?? "."));
  if (run.options.on("--revoke")) {
    const revoked = revokeTrust(file, paths.trust);
    return tellFacts(
      run,
      { path: file, trusted: false, revoked },
      `${file} is ${revoked ? "no longer" : "not"} trusted\n`,
    );
  }
  const text = readBounded(file);
  if (text === undefined) throw new RbeeError("config.invalid", `${file} does not exist`, { file });
  const readable = fullEnvironment(env, paths.configFile);
  checkText(file, text, readable);
  const permits = settingsOf(file, text, { trusted: true, env: readable }).filter(needsTrust);
  const sha256 = trustText({ file, text }, paths.trust);
  const what = permits.map(({ key, line }) => `  ${key} (line ${line})`);
  const said = what.length === 0 ? "; it sets nothing that needs it" : ` as it is now, with\n${what.join("\n")}`;
  const facts = { path: file, trusted: true, sha256, permits: permits.map(({ key, line }) => ({ key, line })) };
  return tellFacts(run, facts, `${file} is trusted${said}\n`);
};

const needsTrust = ({ key, expanded }: FileSetting): boolean => expanded || !SETTINGS[key].folder;

const folderFile = (place: string): string =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() ? nodePath.join(place, FOLDER_FILE) : place;

const load = ({ env, cwd }: Pick<Run, "env" | "cwd">): LoadedConfig => loadConfig({ flags: {}, env, cwd });
