/**
 * One configuration file, read into settings that know their line.
 *
 * Owns: YAML, `${VAR}`, unknown keys, what a folder's untrusted file may not say. Does not own: values (settings.ts) or
 * which file wins (load.ts).
 *
 *  F1 A problem is named with file and line, and an unknown key with the nearest right one.
 *  F2 An untrusted file sets nothing that settings.ts keeps from folders, and reads nothing of the environment; what it
 *     is refused says how it becomes trusted.
 *  F3 Where a setting takes named groups, each holds plain values only: nothing in it can grow.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLMap,
} from "yaml";
import { RbeeError } from "../../protocol/errors.ts";
import { nearest } from "./nearest.ts";
import type { Environment } from "./paths.ts";
import { secretOf } from "./secret.ts";
import { isSettingKey, SETTING_GROUPS, SETTING_KEYS, SETTINGS, type SettingKey } from "./settings.ts";

/** Far more than every setting with a comment takes. */
const FILE_BYTES_MAX = 64 * 1024;
const MESSAGE_CHARS_MAX = 400;

export interface FileSetting {
  readonly key: SettingKey;
  readonly value: unknown;
  /** The value came out of `${VAR}` and is text even where a number is meant. */
  readonly expanded: boolean;
  readonly line: number;
}

/** Who wrote the file decides what it may say. Of an untrusted one `advice` says what the person can do about it. */
export type FileTrust =
  | { readonly trusted: true; readonly env: Environment }
  | { readonly trusted: false; readonly advice: string };

/** The settings of one file, or undefined when there is no such file. */
export function readSettings(file: string, trust: FileTrust): readonly FileSetting[] | undefined {
  const text = readBounded(file);
  return text === undefined ? undefined : settingsOf(file, text, trust);
}

/** The settings in the text of a file: what was looked at is what is read, however the file changes meanwhile. */
export function settingsOf(file: string, text: string, trust: FileTrust): readonly FileSetting[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (offset: number, message: string, key?: string): never =>
    refuseAt(file, lines.linePos(offset).line, message, key);
  const [broken] = document.errors;
  if (broken) return refuse(broken.pos[0], `not valid YAML: ${broken.message}`);
  if (document.contents === null) return [];
  if (!isMap(document.contents)) return refuse(0, "expected `key: value` lines");
  return [...settingsIn(document.contents, "", { document, lines, trust, refuse })];
}

interface Reading {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly trust: FileTrust;
  readonly refuse: (offset: number, message: string, key?: string) => never;
}

function* settingsIn(map: YAMLMap, prefix: string, reading: Reading): Generator<FileSetting> {
  for (const pair of map.items) {
    const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
    // Whatever else it is, written out it could be longer than any memory.
    if (!isScalar(pair.key)) return reading.refuse(offset, "expected a key that is one word");
    const name = String(pair.key.value);
    const key = prefix + name;
    const value = isAlias(pair.value) ? pair.value.resolve(reading.document) : pair.value;
    if (isSettingKey(key) && SETTINGS[key].group !== undefined && isMap(value)) {
      refuseUntrusted(key, offset, reading);
      const line = reading.lines.linePos(offset).line;
      yield { key, value: groupsIn(value, key, reading), expanded: false, line };
    } else if (isSettingKey(key)) {
      const one = SETTINGS[key].list ? listed(value) : value;
      if (isCollection(one)) return reading.refuse(offset, `${key} takes ${takes(key)}`, key);
      yield fileSetting(key, isScalar(one) ? one.value : one, offset, reading);
    } else if (SETTING_GROUPS.has(key)) {
      if (isMap(value)) yield* settingsIn(value, `${key}.`, reading);
      else if (!isScalar(value) || value.value !== null)
        reading.refuse(offset, `${key} is a group: expected keys below it`, key);
    } else {
      reading.refuse(offset, `unknown key ${key}; the nearest is ${nearestKey(key, name)}`, key);
    }
  }
}

const takes = (key: SettingKey): string =>
  SETTINGS[key].list ? "one value, or a list of them" : "one value, not a list or a group";

/** A list of plain values as the text that means it; anything else as it is. */
const listed = (value: unknown): unknown =>
  isSeq(value) && value.items.every((item) => isScalar(item))
    ? value.items.map((item) => String(item.value)).join(", ")
    : value;

/** F3. Text in them reads the environment like any other. */
function groupsIn(map: YAMLMap, prefix: string, reading: Reading): Record<string, unknown> {
  const entries = map.items.map(({ key, value: written }): [string, unknown] => {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    if (!isScalar(key)) return reading.refuse(offset, "expected a key that is one word");
    const at = `${prefix}.${String(key.value)}`;
    const value = isAlias(written) ? written.resolve(reading.document) : written;
    if (isMap(value) && !prefix.includes(".")) return [String(key.value), groupsIn(value, at, reading)];
    if (isCollection(value)) return reading.refuse(offset, `${at} takes one value, not a list or a group`);
    const plain = isScalar(value) ? value.value : value;
    if (typeof plain !== "string" || !reading.trust.trusted) return [String(key.value), plain];
    return [String(key.value), expand(plain, reading.trust.env, (why) => reading.refuse(offset, `${at}: ${why}`))];
  });
  return Object.fromEntries(entries);
}

function fileSetting(key: SettingKey, written: unknown, offset: number, reading: Reading): FileSetting {
  const { trust, refuse } = reading;
  const line = reading.lines.linePos(offset).line;
  const reads = typeof written === "string" && written.includes("${");
  if (trust.trusted) {
    return {
      key,
      value: reads ? expand(written, trust.env, (why) => refuse(offset, why, key)) : written,
      expanded: reads,
      line,
    };
  }
  refuseUntrusted(key, offset, reading);
  if (reads) {
    const why = `${key} reads the environment, and the file of a folder is not trusted with that`;
    refuse(offset, `${why}; ${trust.advice}`, key);
  }
  return { key, value: written, expanded: false, line };
}

/** What only the user says: F2. */
function refuseUntrusted(key: SettingKey, offset: number, { trust, refuse }: Reading): void {
  if (trust.trusted || SETTINGS[key].folder) return;
  const [, what] = WHATS.find(([keys]) => keys.includes(key)) ?? [[], "says what runs and who is asked"];
  const why = `${key} ${what}, which the file of a folder may not do`;
  refuse(offset, `${why}; ${trust.advice}, or set it in the user's file`, key);
}

const WHATS: readonly (readonly [readonly SettingKey[], string])[] = [
  [["listen", "hive.listen", "cors.origins"], "opens this machine to others"],
  [["team.costMax"], "says what may be paid"],
];

const VARIABLE = /\$\{([^}]*)\}/g;

function expand(written: string, env: Environment, refuse: (why: string) => never): string {
  return written.replaceAll(
    VARIABLE,
    (_, name: string) => secretOf(env, name) ?? refuse(`the environment has no ${name}`),
  );
}

function nearestKey(key: string, name: string): string | undefined {
  return SETTING_KEYS.find((known) => known.endsWith(`.${name}`)) ?? nearest(key, [...SETTING_KEYS, ...SETTING_GROUPS]);
}

/** A file may hold anything; what is said of it fits a screen. */
export const cut = (message: string): string =>
  message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX)}…` : message;

export function refuseAt(file: string, line: number, message: string, key?: string): never {
  throw new RbeeError(
    "config.invalid",
    `${file}:${line}: ${cut(message)}`,
    key === undefined ? { file, line } : { file, line, key },
  );
}

/** A file's text, or undefined when there is none. */
export function readBounded(file: string): string | undefined {
  try {
    if (statSync(file).size > FILE_BYTES_MAX)
      throw new RbeeError("config.invalid", `${file} is larger than ${FILE_BYTES_MAX} bytes`, { file });
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof RbeeError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new RbeeError("config.invalid", `${file} cannot be read (${code})`, { file });
  }
}
