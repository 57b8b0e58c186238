/**
 * One setting of the user's file, set or removed as a person would do it with an editor.
 *
 * Owns: the edit of the YAML. Does not own: what is allowed (settings.ts, load.ts), or the bytes on disk
 * (private-file.ts).
 *
 *  W1 Comments and the order of keys stay, and no other setting changes. Spaces are set as YAML usually is.
 *  W2 What would not be valid as a whole is refused with its line, and nothing is written.
 *
 * @module
 */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { RbeeError } from "../../protocol/errors.ts";
import { readBounded, refuseAt } from "./file.ts";
import { checkText, fullEnvironment } from "./load.ts";
import type { Environment } from "./paths.ts";
import { writePrivately } from "./private-file.ts";
import type { SettingKey } from "./settings.ts";

/** Somebody may write to the file at the same time. */
const TRIES_MAX = 5;

/** @param value undefined removes the setting. @returns whether the file holds something else than before. */
export function writeSetting(
  file: string,
  key: SettingKey,
  value: string | number | undefined,
  env: Environment,
): boolean {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const before = readBounded(file);
    const after = editedText(file, before ?? "", key, value);
    if (after === (before ?? "")) return false;
    checkText(file, after, fullEnvironment(env, file));
    if (readBounded(file) !== before) continue;
    writePrivately(file, after);
    return true;
  }
  throw new RbeeError("config.invalid", `${file} is being changed by somebody else; nothing was written`, { file });
}

/** The text of the file with the setting in it, or without it. */
export function editedText(file: string, text: string, key: SettingKey, value: string | number | undefined): string {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (offset: number, why: string): never => refuseAt(file, lines.linePos(offset).line, why);
  const [broken] = document.errors;
  if (broken) return refuse(broken.pos[0], `not valid YAML: ${broken.message}`);
  visit(document, {
    Alias: (_, { range }) =>
      refuse(range?.[0] ?? 0, "a change may reach further where there are aliases; edit it by hand"),
  });
  document.contents ??= document.createNode({}) as YAMLMap.Parsed;
  const map: unknown = document.contents;
  if (!isMap(map)) return refuse(0, "expected `key: value` lines");
  const standing = [...pairsOf(map, "", key)];
  const says = standing.map(({ value: written }) => (isScalar(written) ? written.value : undefined));
  // What it says already it says as it is: not even a space changes.
  if (value === undefined ? says.length === 0 : says.at(-1) === value) return text;
  if (value === undefined) removeFrom(map, "", key);
  else setIn({ document, refuse }, map, key, value);
  if (map.items.length > 0) return document.toString({ lineWidth: 0 });
  return asComment([document.commentBefore, map.comment, document.comment]);
}

interface Editing {
  readonly document: Document.Parsed;
  readonly refuse: (offset: number, why: string) => never;
}

/** A key may be written as `worker: {slots: 2}` and as `worker.slots: 2`: it is set where it stands. */
function setIn({ document, refuse }: Editing, root: YAMLMap, key: SettingKey, value: string | number): void {
  const fresh: Scalar = document.createNode(value);
  const standing = [...pairsOf(root, "", key)].at(-1);
  if (standing !== undefined) {
    if (isNode(standing.value)) keepComments(standing.value, fresh);
    standing.value = fresh;
    return;
  }
  let map = root;
  const groups = key.split(".");
  const name = groups.pop();
  for (const group of groups) {
    const pair = map.items.find(({ key: of }) => isScalar(of) && of.value === group);
    if (pair !== undefined && isMap(pair.value)) {
      map = pair.value;
      continue;
    }
    const inner: YAMLMap = document.createNode({});
    if (pair === undefined) map.items.push(document.createPair(group, inner) as Pair);
    else if (isScalar(pair.value) && pair.value.value === null) {
      keepComments(pair.value, inner);
      pair.value = inner;
    } else refuse(isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0, `${group} is a group: expected keys below it`);
    map = inner;
  }
  map.items.push(document.createPair(name, fresh) as Pair);
}

/** The last of them is in force. */
function* pairsOf(map: YAMLMap, prefix: string, key: string): Generator<Pair> {
  for (const pair of map.items) {
    const name = prefix + (isScalar(pair.key) ? String(pair.key.value) : "");
    if (name === key) yield pair;
    else if (key.startsWith(`${name}.`) && isMap(pair.value)) yield* pairsOf(pair.value, `${name}.`, key);
  }
}

/** A group that is left with nothing goes too. What was said above either stays: it may be about more than that. */
function removeFrom(map: YAMLMap, prefix: string, key: string): void {
  for (const [at, pair] of [...map.items.entries()].toReversed()) {
    const name = prefix + (isScalar(pair.key) ? String(pair.key.value) : "");
    const { value } = pair;
    if (key.startsWith(`${name}.`) && isMap(value) && value.items.length > 0) {
      removeFrom(value, `${name}.`, key);
      if (value.items.length > 0) continue;
    } else if (name !== key) continue;
    const above = [pair.key, value].map((node) => (isNode(node) ? node.commentBefore : undefined));
    const left = isMap(value) ? value.comment : undefined;
    map.items.splice(at, 1);
    const next = map.items[at]?.key;
    const heir: Commented = isNode(next) ? next : map;
    const part = heir === map ? "comment" : "commentBefore";
    heir[part] = [...above, left, heir[part]].filter((text) => typeof text === "string").join("\n") || null;
  }
}

interface Commented {
  comment?: string | null | undefined;
  commentBefore?: string | null | undefined;
  spaceBefore?: boolean | undefined;
}

function keepComments(from: Commented, to: Commented): void {
  to.comment = from.comment;
  to.commentBefore = from.commentBefore;
  to.spaceBefore = from.spaceBefore;
}

const asComment = (texts: readonly (string | null | undefined)[]): string =>
  texts
    .filter((text) => typeof text === "string")
    .map((text) => `${text.replaceAll(/^(?=.)/gm, "#")}\n`)
    .join("\n");
