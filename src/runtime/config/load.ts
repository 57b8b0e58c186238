/**
 * The configuration of one run: flag > environment > ./rbee.yaml > user file > default.
 *
 * Owns: the order of sources, and the compiled result in plain units. Does not own: the keys (settings.ts),
 * files (file.ts).
 *
 *  L1 Of two sources that set a key the earlier in the order above wins, key by key.
 *  L2 Whatever is wrong is `config.invalid` and names its place; a wrong flag is `usage.invalid`.
 *  L3 The environment includes the `.env` beside the user's file, where the process's own does not say otherwise.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { parseEnv } from "node:util";
import { RbeeError } from "../../protocol/errors.ts";
import { cut, readBounded, readSettings, type FileTrust } from "./file.ts";
import { findPaths, type Environment, type Paths } from "./paths.ts";
import {
  environmentName,
  NODE_NAME,
  SETTING_KEYS,
  SETTINGS,
  type HostPort,
  type SettingKey,
  type SettingValue,
} from "./settings.ts";

/** Plain values in plain units: what every other part of the program sees. */
export interface Config {
  /** `asked`: somebody named it, so a taken port is an error; otherwise the next free port does. */
  readonly listen: HostPort & { readonly asked: boolean };
  readonly name: string;
  readonly model: { readonly default: string | undefined };
  readonly queue: { readonly lengthMax: number };
  readonly job: { readonly deadlineMs: number; readonly attemptsMax: number };
  readonly worker: {
    readonly slots: number;
    readonly contextTokens: number;
    readonly threads: number;
    readonly gpu: "auto" | "none";
    readonly idleTimeoutMs: number;
    readonly loadTimeoutMs: number;
    readonly ports: { readonly from: number };
  };
  readonly memory: { readonly headroomBytes: number };
  readonly shutdown: { readonly finishMs: number; readonly stopWorkersMs: number };
  readonly limits: { readonly bodyBytes: number };
}

export interface Origin {
  readonly kind: "flag" | "environment" | "folder" | "user" | "default";
  /** `--listen`, `RBEE_LISTEN`, `/home/me/.config/rbee/config.yaml:3`, `default`. */
  readonly where: string;
}

/** A setting as it was written, and by whom. */
export interface WrittenSetting {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Settings that the command line names, as text. A flag is called like its key. */
export type Flags = Partial<Record<SettingKey, string>>;

export interface LoadedConfig {
  readonly config: Config;
  readonly origins: ReadonlyMap<SettingKey, WrittenSetting>;
  readonly paths: Paths;
}

export interface Sources {
  readonly flags: Flags;
  readonly env: Environment;
  readonly cwd: string;
}

export const FOLDER_FILE = "rbee.yaml";

/** @throws RbeeError `config.invalid`, or `usage.invalid` for a flag. */
export function loadConfig({ flags, env, cwd }: Sources): LoadedConfig {
  const paths = findPaths(env, cwd);
  const fullEnv = withDotEnv(env, paths.configFile);
  const user = fileLayer(paths.configFile, "user", { trusted: true, env: fullEnv });
  if (env["RBEE_CONFIG"] && user === undefined) {
    throw new RbeeError("config.invalid", `RBEE_CONFIG names ${paths.configFile}, which does not exist`, {
      file: paths.configFile,
    });
  }
  const layers = [flagLayer(flags), environmentLayer(fullEnv), folderLayer(cwd, paths.configFile), user ?? new Map()];
  const written = new Map(SETTING_KEYS.map((key) => [key, firstOf(layers, key)]));
  const entryOf = (key: SettingKey): WrittenSetting => written.get(key) ?? defaultOf(key);
  return { config: compile(entryOf), origins: written, paths };
}

type Layer = ReadonlyMap<SettingKey, WrittenSetting>;

const defaultOf = (key: SettingKey): WrittenSetting => ({
  value: SETTINGS[key].fallback,
  origin: { kind: "default", where: "default" },
});

const firstOf = (layers: readonly Layer[], key: SettingKey): WrittenSetting =>
  layers.find((layer) => layer.has(key))?.get(key) ?? defaultOf(key);

/** Every key is compiled once here, under a name that says its unit. */
function compile(entryOf: (key: SettingKey) => WrittenSetting): Config {
  const value = <Key extends SettingKey>(key: Key): SettingValue<Key> => compileOne(key, entryOf(key));
  return {
    listen: { ...value("listen"), asked: entryOf("listen").origin.kind !== "default" },
    name: value("name") ?? nodeNameFrom(hostname()),
    model: { default: value("model.default") },
    queue: { lengthMax: value("queue.lengthMax") },
    job: { deadlineMs: value("job.deadline"), attemptsMax: value("job.attemptsMax") },
    worker: {
      slots: value("worker.slots"),
      contextTokens: value("worker.contextTokens"),
      threads: value("worker.threads"),
      gpu: value("worker.gpu"),
      idleTimeoutMs: value("worker.idleTimeout"),
      loadTimeoutMs: value("worker.loadTimeout"),
      ports: { from: value("worker.ports.from") },
    },
    memory: { headroomBytes: value("memory.headroom") },
    shutdown: { finishMs: value("shutdown.finish"), stopWorkersMs: value("shutdown.stopWorkers") },
    limits: { bodyBytes: value("limits.bodyBytes") },
  };
}

function compileOne<Key extends SettingKey>(key: Key, { value, origin }: WrittenSetting): SettingValue<Key> {
  const result = SETTINGS[key].schema.safeParse(value);
  if (result.success) return result.data;
  const why = result.error.issues[0]?.message ?? "not allowed";
  const code = origin.kind === "flag" ? "usage.invalid" : "config.invalid";
  throw new RbeeError(code, `${origin.where}: ${key}: ${cut(`${why}; found ${JSON.stringify(value)}`)}`, { key });
}

/** A host's name as a node's name: what may not stand in one becomes a dash. */
function nodeNameFrom(host: string): string {
  const name = host
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63);
  return NODE_NAME.test(name) ? name : "node";
}

/** Text where a number is meant becomes one; text that is no number stays, and is refused as what it is. */
function fromText(key: SettingKey, text: string): string | number {
  const number = SETTINGS[key].number && text.trim() !== "" ? Number(text) : Number.NaN;
  return Number.isNaN(number) ? text : number;
}

function flagLayer(flags: Flags): Layer {
  const layer = new Map<SettingKey, WrittenSetting>();
  for (const key of SETTING_KEYS) {
    const value = flags[key];
    if (value === undefined) continue;
    layer.set(key, { value: fromText(key, value), origin: { kind: "flag", where: `--${key}` } });
  }
  return layer;
}

function environmentLayer(env: Environment): Layer {
  const layer = new Map<SettingKey, WrittenSetting>();
  for (const key of SETTING_KEYS) {
    const where = environmentName(key);
    const text = env[where];
    // An empty variable is how a shell spells "not set".
    if (text) layer.set(key, { value: fromText(key, text), origin: { kind: "environment", where } });
  }
  return layer;
}

function fileLayer(file: string, kind: "folder" | "user", trust: FileTrust): Layer | undefined {
  const settings = readSettings(file, trust);
  return (
    settings &&
    new Map(
      settings.map(({ key, value, expanded, line }) => [
        key,
        { value: expanded ? fromText(key, String(value)) : value, origin: { kind, where: `${file}:${line}` } },
      ]),
    )
  );
}

/** The folder's file, unless it is the very file that the user named as his own. */
function folderLayer(cwd: string, configFile: string): Layer {
  const file = path.join(cwd, FOLDER_FILE);
  return (samePlace(file, configFile) ? undefined : fileLayer(file, "folder", { trusted: false })) ?? new Map();
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them does not exist, so they are not the same.
    return false;
  }
}

function withDotEnv(env: Environment, configFile: string): Environment {
  const text = readBounded(path.join(path.dirname(configFile), ".env"));
  return text === undefined ? env : { ...parseEnv(text), ...env };
}
