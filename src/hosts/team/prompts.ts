/**
 * The thinkers as files: who they are and what they are told, one markdown file with front matter each.
 *
 * Owns: reading the shipped folder and the user's own, what may stand in a file, which of two files is meant. Does
 * not own: who takes part in a discussion (config), what else stands in a prompt, the model that is taken in the end.
 *
 *  TP1 A file is read when it is asked for: what was changed holds from the next discussion on.
 *  TP2 The user's file wins over the shipped one of the same name.
 *  TP3 Whatever is wrong is `specialist.invalid` and names the file and the field, an unknown one with the nearest
 *      right one. A file that nobody asked for harms nobody.
 *  TP4 At most FILES_MAX files of a folder and FILE_BYTES_MAX of a file are read, and nothing but plain files: no link,
 *      no pipe, no device.
 *  TP5 The same bytes have the same hash, on every machine: a log says by it what a thinker was told.
 *  TP6 A file is read whenever it is asked for, and taken apart only when its bytes are others than the last time: that
 *      takes most of the time before the first thought. By the time of its last change nothing is judged, which two
 *      changes may share.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { opendirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { z } from "zod";
import { RbeeError } from "../../protocol/errors.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import { THINKER_NAME } from "../../runtime/config/team.ts";
import { readPlainFile } from "./plain-file.ts";

/** More than a person keeps apart; a folder with more is not one of thinkers. */
const FILES_MAX = 64;
const FILE_BYTES_MAX = 16 * 1024;
const TOOLS_MAX = 32;

export const COLOURS = ["blue", "green", "red", "cyan", "magenta", "yellow", "white"] as const;
export type Colour = (typeof COLOURS)[number];

/** Specialists discuss; roles of the roster take a task each. */
export type Crew = "specialists" | "roster";
/** Those that every answer needs, whoever discusses; a user's file does not replace them. */
export type Part = "queen" | "sample" | "summarizer" | "frame";

export interface Thinker {
  readonly name: string;
  readonly colour: Colour;
  /** Preferred where the cluster has it; undefined leaves it to whoever asks. */
  readonly model: string | undefined;
  /** `local`: its jobs stay on machines of the cluster. */
  readonly place: "local" | "any";
  /** Undefined leaves it to the configuration. */
  readonly contributionsMax: number | undefined;
  readonly tools: readonly string[];
  /** In one line, for people and for whoever chooses among thinkers. */
  readonly duty: string;
  readonly body: string;
  readonly hash: string;
}

const NAMED = "expected small letters, digits and dashes, at most 64";
const name = z.string({ error: NAMED }).max(64, { error: NAMED }).regex(THINKER_NAME, { error: NAMED });
const line = (chars: number, error: string) =>
  z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(chars, { error })
    .regex(/^[^\n]*$/, { error });
const COUNT = "expected a whole number from 1 to 100";
const TOOLS = `expected a list of at most ${TOOLS_MAX} names of tools`;

const frontMatter = z.strictObject(
  {
    name,
    colour: z.enum(COLOURS, { error: `expected one of ${COLOURS.join(", ")}` }).default("white"),
    model: line(4_096, "expected the name of a model").optional(),
    place: z.enum(["local", "any"], { error: "expected local or any" }).default("any"),
    contributionsMax: z.int({ error: COUNT }).min(1, { error: COUNT }).max(100, { error: COUNT }).optional(),
    tools: z.array(line(64, TOOLS), { error: TOOLS }).max(TOOLS_MAX, { error: TOOLS }).default([]),
    duty: line(200, "expected one line of at most 200 characters that says what it does"),
  },
  { error: "expected `key: value` lines" },
);

const FIELDS = Object.keys(frontMatter.shape);

const SHIPPED = fileURLToPath(new URL("../../../prompts/", import.meta.url));

/** @param configFile the user's; his own thinkers lie in folders beside it. */
const foldersOf = (crew: Crew, configFile: string): readonly string[] => [
  path.join(path.dirname(configFile), crew),
  path.join(SHIPPED, crew),
];

/** Everybody there is, by name. @throws RbeeError specialist.invalid */
export function readCrew(crew: Crew, configFile: string): readonly Thinker[] {
  return namesOf(crew, configFile).flatMap((each) => readThinker(crew, each, configFile) ?? []);
}

/** Those who are named, in that order. @throws RbeeError specialist.invalid */
export function readTeam(names: readonly string[], configFile: string): readonly Thinker[] {
  return names.map((each) => {
    const thinker = readThinker("specialists", each, configFile);
    if (thinker !== undefined) return thinker;
    const other = nearest(each, namesOf("specialists", configFile));
    throw new RbeeError("specialist.invalid", `there is no specialist ${each}; the nearest is ${other}`, { key: each });
  });
}

/** TP2. @returns undefined when there is nobody of that name. @throws RbeeError specialist.invalid */
function readThinker(crew: Crew, of: string, configFile: string): Thinker | undefined {
  for (const folder of foldersOf(crew, configFile)) {
    const file = path.join(folder, `${of}.md`);
    const bytes = readPlainFile(file, FILE_BYTES_MAX, (why) => refuse(file, why));
    if (bytes !== undefined) return thinkerIn(file, bytes);
  }
  return undefined;
}

/** @throws RbeeError specialist.invalid */
export function readPart(part: Part): Thinker {
  const file = path.join(SHIPPED, `${part}.md`);
  const bytes = readPlainFile(file, FILE_BYTES_MAX, (why) => refuse(file, why));
  return bytes === undefined ? refuse(file, "is missing: install rbee again") : thinkerIn(file, bytes);
}

/** TP4. Sorted, each once. */
function namesOf(crew: Crew, configFile: string): readonly string[] {
  const names = new Set<string>();
  for (const folder of foldersOf(crew, configFile)) for (const each of filesIn(folder)) names.add(each.slice(0, -3));
  return [...names].toSorted();
}

function filesIn(folder: string): readonly string[] {
  const files: string[] = [];
  try {
    const entries = opendirSync(folder);
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (!entry.name.endsWith(".md") || entry.name.startsWith(".")) continue;
        if (!THINKER_NAME.test(entry.name.slice(0, -3))) refuse(path.join(folder, entry.name), `its name: ${NAMED}`);
        if (files.push(entry.name) > FILES_MAX) refuse(folder, `holds more than ${FILES_MAX} files`);
      }
    } finally {
      entries.closeSync();
    }
  } catch (error) {
    if (error instanceof RbeeError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code !== "ENOENT") refuse(folder, `cannot be read (${code})`);
  }
  return files;
}

const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)([\s\S]*)$/;

/** TP6. More than a team and a roster have files. */
const KNOWN_MAX = 256;
const known = new Map<string, { readonly bytes: Buffer; readonly thinker: Thinker }>();

function thinkerIn(file: string, bytes: Buffer): Thinker {
  const before = known.get(file);
  if (before?.bytes.equals(bytes) === true) return before.thinker;
  const thinker = takenApart(file, bytes);
  const [oldest] = known.keys();
  if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  known.set(file, { bytes: Buffer.from(bytes), thinker });
  return thinker;
}

function takenApart(file: string, bytes: Buffer): Thinker {
  const [whole, front, body] = FRONT_MATTER.exec(textOf(file, bytes)) ?? [];
  if (whole === undefined) return refuse(file, "does not begin with front matter between two lines of ---");
  const given = fieldsIn(file, front ?? "");
  const of = path.basename(file, ".md");
  if (given.name !== of) return refuse(file, `name: expected ${of}, as the file is called`, "name");
  const instructions = (body ?? "").replaceAll("\r\n", "\n").trim();
  if (instructions === "") return refuse(file, "says nothing below its front matter");
  const { colour, model, place, contributionsMax, tools, duty } = given;
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { name: of, colour, model, place, contributionsMax, tools, duty, body: instructions, hash };
}

function textOf(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse(file, "is not UTF-8 text");
  }
}

/** TP3. */
function fieldsIn(file: string, front: string): z.infer<typeof frontMatter> {
  const document = parseDocument(front, { prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) return refuse(file, `not valid YAML: ${broken.message}`);
  const result = frontMatter.safeParse(plainValue(file, document));
  if (result.success) return result.data;
  const { issues } = result.error;
  // A field that is written wrong is missing as well: the wrong word is what is to be seen.
  const [unknown] = issues.flatMap((each) => (each.code === "unrecognized_keys" ? each.keys : []));
  if (unknown !== undefined) {
    return refuse(file, `unknown key ${unknown}; the nearest is ${nearest(unknown, FIELDS)}`, unknown);
  }
  const [issue] = issues;
  const [field] = issue?.path ?? [];
  if (field === undefined) return refuse(file, issue?.message ?? "not allowed");
  return refuse(file, `${String(field)}: ${issue?.message ?? "not allowed"}`, String(field));
}

/** Without aliases: nothing in it grows. */
function plainValue(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    return refuse(file, "not valid YAML: an alias has no place here");
  }
}

const MESSAGE_CHARS_MAX = 400;

function refuse(file: string, why: string, key?: string): never {
  const message = `${file}: ${why.slice(0, MESSAGE_CHARS_MAX)}`;
  throw new RbeeError("specialist.invalid", message, key === undefined ? { file } : { file, key });
}
