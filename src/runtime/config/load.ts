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
import { cut, readBounded, settingsOf, type FileTrust } from "./file.ts";
import { type Endpoints, withOllama } from "./endpoints.ts";
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
import type { TeamConfig } from "./team.ts";
import { standingOf, type Standing } from "./trust.ts";

/** `asked`: somebody named it, so a taken port is an error; otherwise the next free port does. */
export type Listen = HostPort & { readonly asked: boolean };

/** Plain values in plain units: what every other part of the program sees. */
export interface Config {
  readonly listen: Listen;
  readonly hive: { readonly listen: Listen };
  /** Web pages that may ask at the doors. */
  readonly cors: { readonly origins: readonly string[] };
  readonly name: string;
  readonly model: {
    readonly default: string | undefined;
    readonly preload: "default" | "none";
    /** From the hub; Infinity where nothing bounds it. */
    readonly downloadBytesPerSecond: number;
  };
  /** How long a hive on another machine works on after the queen was last heard of. */
  readonly queen: { readonly leaseMs: number };
  readonly queue: { readonly lengthMax: number };
  readonly job: { readonly deadlineMs: number; readonly attemptsMax: number };
  readonly worker: {
    readonly slots: number;
    readonly contextTokens: number;
    readonly threads: number | "auto";
    readonly gpu: "auto" | "none";
    /** What runs models of this machine. */
    readonly engine: "llama" | "llama-server";
    readonly idleTimeoutMs: number;
    readonly loadTimeoutMs: number;
    readonly ports: { readonly from: number };
  };
  readonly engines: { readonly llamaServer: { readonly path: string } };
  readonly endpoints: Endpoints;
  readonly memory: { readonly headroomBytes: number };
  readonly team: TeamConfig;
  readonly shutdown: { readonly finishMs: number; readonly stopWorkersMs: number };
  readonly limits: { readonly bodyBytes: number; readonly connections: number | "auto" };
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
  const dotEnv = readDotEnv(paths.configFile);
  const fullEnv = { ...dotEnv?.variables, ...env };
  const text = readBounded(paths.configFile);
  if (env["RBEE_CONFIG"] && text === undefined) {
    throw new RbeeError("config.invalid", `RBEE_CONFIG names ${paths.configFile}, which does not exist`, {
      file: paths.configFile,
    });
  }
  const layers = [
    flagLayer(flags),
    environmentLayer(env, dotEnv),
    folderLayer(cwd, paths, fullEnv),
    text === undefined ? NOTHING : fileLayer({ file: paths.configFile, text, kind: "user" }, trusting(fullEnv)),
  ];
  const written = new Map(SETTING_KEYS.map((key) => [key, firstOf(layers, key)]));
  const entryOf = (key: SettingKey): WrittenSetting => written.get(key) ?? defaultOf(key);
  return { config: compile(entryOf, fullEnv), origins: written, paths };
}

type Layer = ReadonlyMap<SettingKey, WrittenSetting>;
const NOTHING: Layer = new Map();

/**
 * Holds the text of a trusted file to what it will be held to when it is in force.
 * @throws RbeeError `config.invalid` with file and line
 */
export function checkText(file: string, text: string, env: Environment): void {
  for (const [key, written] of fileLayer({ file, text, kind: "user" }, trusting(env))) compileOne(key, written);
}

/** L3: what `${NAME}` reads. */
export const fullEnvironment = (env: Environment, configFile: string): Environment => ({
  ...readDotEnv(configFile)?.variables,
  ...env,
});

/** The value that a text of the command line means. @throws RbeeError `usage.invalid` */
export function valueFromText(key: SettingKey, text: string): string | number {
  const value = fromText(key, text);
  // What reads the environment is judged where it stands, with what is read.
  if (!text.includes("${")) compileOne(key, { value, origin: { kind: "flag", where: "VALUE" } });
  return value;
}

const defaultOf = (key: SettingKey): WrittenSetting => ({
  value: SETTINGS[key].fallback,
  origin: { kind: "default", where: "default" },
});

const firstOf = (layers: readonly Layer[], key: SettingKey): WrittenSetting =>
  layers.find((layer) => layer.has(key))?.get(key) ?? defaultOf(key);

/** Every key is compiled once here, under a name that says its unit. */
function compile(entryOf: (key: SettingKey) => WrittenSetting, env: Environment): Config {
  const value: Compiled = (key) => compileOne(key, entryOf(key));
  const listen = (key: "listen" | "hive.listen"): Listen => ({
    ...value(key),
    asked: entryOf(key).origin.kind !== "default",
  });
  return {
    listen: listen("listen"),
    hive: { listen: listen("hive.listen") },
    cors: { origins: value("cors.origins") },
    name: value("name") ?? nodeNameFrom(hostname()),
    model: {
      default: value("model.default"),
      preload: value("model.preload"),
      downloadBytesPerSecond: value("model.downloadRate"),
    },
    queen: { leaseMs: value("queen.lease") },
    queue: { lengthMax: value("queue.lengthMax") },
    job: { deadlineMs: value("job.deadline"), attemptsMax: value("job.attemptsMax") },
    worker: {
      slots: value("worker.slots"),
      contextTokens: value("worker.contextTokens"),
      threads: value("worker.threads"),
      gpu: value("worker.gpu"),
      engine: value("worker.engine"),
      idleTimeoutMs: value("worker.idleTimeout"),
      loadTimeoutMs: value("worker.loadTimeout"),
      ports: { from: value("worker.ports.from") },
    },
    engines: { llamaServer: { path: value("engines.llamaServer.path") } },
    endpoints: withOllama(value("endpoints") ?? {}, env["OLLAMA_HOST"]),
    memory: { headroomBytes: value("memory.headroom") },
    team: teamOf(value),
    shutdown: { finishMs: value("shutdown.finish"), stopWorkersMs: value("shutdown.stopWorkers") },
    limits: { bodyBytes: value("limits.bodyBytes"), connections: value("limits.connections") },
  };
}

type Compiled = <Key extends SettingKey>(key: Key) => SettingValue<Key>;

const teamOf = (value: Compiled): TeamConfig => ({
  mode: value("team.mode"),
  specialists: value("team.specialists"),
  style: value("team.style"),
  contributionsMax: value("team.contributionsMax"),
  roundsMax: value("team.roundsMax"),
  quorum: value("team.quorum"),
  samples: value("team.samples"),
  tokensMax: value("team.tokensMax"),
  costMax: value("team.costMax"),
  concurrentMax: value("team.concurrentMax"),
  idleMs: value("team.idle"),
  hardMs: value("team.hard"),
  draftMs: value("team.draft"),
  turnMs: value("team.turn"),
  graceMs: value("team.grace"),
  finalMs: value("team.final"),
  summaryMs: value("team.summary"),
  agentTtlMs: value("team.agentTtl"),
});

function compileOne<Key extends SettingKey>(key: Key, { value, origin }: WrittenSetting): SettingValue<Key> {
  const result = SETTINGS[key].schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const inside = (issue?.path ?? []).map((part) => `.${String(part)}`).join("");
  // What stands in a group may be a key of somebody.
  const found = inside === "" && typeof value !== "object" ? `; found ${JSON.stringify(value)}` : "";
  const code = origin.kind === "flag" ? "usage.invalid" : "config.invalid";
  const message = `${origin.where}: ${cut(`${key}${inside}: ${issue?.message ?? "not allowed"}${found}`)}`;
  throw new RbeeError(code, message, { key });
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

interface DotEnv {
  readonly file: string;
  readonly variables: Environment;
}

function environmentLayer(env: Environment, dotEnv: DotEnv | undefined): Layer {
  const layer = new Map<SettingKey, WrittenSetting>();
  for (const key of SETTING_KEYS) {
    const name = environmentName(key);
    const own = env[name];
    const text = own ?? dotEnv?.variables[name];
    const where = own === undefined ? `${name} in ${dotEnv?.file}` : name;
    // An empty variable is how a shell spells "not set".
    if (text) layer.set(key, { value: fromText(key, text), origin: { kind: "environment", where } });
  }
  return layer;
}

interface FileText {
  readonly file: string;
  readonly text: string;
  readonly kind: "folder" | "user";
}

function fileLayer({ file, text, kind }: FileText, trust: FileTrust): Layer {
  return new Map(
    settingsOf(file, text, trust).map(({ key, value, expanded, line }) => [
      key,
      { value: expanded ? fromText(key, String(value)) : value, origin: { kind, where: `${file}:${line}` } },
    ]),
  );
}

const trusting = (env: Environment): FileTrust => ({ trusted: true, env });

const ADVICE: Readonly<Record<Exclude<Standing, "trusted">, string>> = {
  unknown: "trust it with `rbee config trust`",
  changed: "it has changed since you trusted it: read it, and trust it again with `rbee config trust`",
};

/** The folder's file, unless it is the very file that the user named as his own. */
function folderLayer(cwd: string, { configFile, trust }: Paths, env: Environment): Layer {
  const file = path.join(cwd, FOLDER_FILE);
  const text = samePlace(file, configFile) ? undefined : readBounded(file);
  if (text === undefined) return NOTHING;
  const standing = standingOf({ file, text }, trust);
  const how = standing === "trusted" ? trusting(env) : ({ trusted: false, advice: ADVICE[standing] } as const);
  return fileLayer({ file, text, kind: "folder" }, how);
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them does not exist, so they are not the same.
    return false;
  }
}

function readDotEnv(configFile: string): DotEnv | undefined {
  const file = path.join(path.dirname(configFile), ".env");
  const text = readBounded(file);
  return text === undefined ? undefined : { file, variables: parseEnv(text) };
}
