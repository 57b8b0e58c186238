/**
 * A thinker as a file: who it is and what it is told, in markdown with front matter.
 *
 * Owns: what may stand in such a file. Does not own: which files there are and who discusses (thinkers.ts), what else
 * stands in a prompt, the model that is taken in the end.
 *
 *  TP1 A file is read when it is asked for: what was changed holds from the next discussion on.
 *  TP2 Whatever is wrong is `specialist.invalid` and names the file and the field, an unknown one with the nearest
 *      right one. A file that nobody asked for harms nobody.
 *  TP3 At most FILE_BYTES_MAX of a file are read, and nothing but a plain file: no link, no pipe, no device.
 *  TP4 The same bytes have the same hash, on every machine: a log says by it what a thinker was told.
 *  TP5 A file is read whenever it is asked for, and taken apart only when its bytes are others than the last time: that
 *      takes most of the time before the first thought. By the time of its last change nothing is judged, which two
 *      changes may share.
 *
 * @module
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { z } from "zod";
import { type Tool, TOOLS } from "../../../machines/rules/tools.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { nearest } from "../../runtime/config/nearest.ts";
import { THINKER_NAME } from "../../runtime/config/team.ts";
import { readPlainFile } from "./plain-file.ts";

const FILE_BYTES_MAX = 16 * 1024;

export const COLOURS = ["blue", "green", "red", "cyan", "magenta", "yellow", "white"] as const;
export type Colour = (typeof COLOURS)[number];

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
  readonly tools: readonly Tool[];
  /** In one line, for people and for whoever chooses among thinkers. */
  readonly duty: string;
  readonly body: string;
  readonly hash: string;
}

export const NAMED = "expected small letters, digits and dashes, at most 64";
const name = z.string({ error: NAMED }).max(64, { error: NAMED }).regex(THINKER_NAME, { error: NAMED });
const line = (chars: number, error: string) =>
  z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(chars, { error })
    .regex(/^[^\n]*$/, { error });
const COUNT = "expected a whole number from 1 to 100";
const TOOLS_EXPECTED = `expected a list of tools; there is ${TOOLS.join(", ")}`;

const frontMatter = z.strictObject(
  {
    name,
    colour: z.enum(COLOURS, { error: `expected one of ${COLOURS.join(", ")}` }).default("white"),
    model: line(4_096, "expected the name of a model").optional(),
    place: z.enum(["local", "any"], { error: "expected local or any" }).default("any"),
    contributionsMax: z.int({ error: COUNT }).min(1, { error: COUNT }).max(100, { error: COUNT }).optional(),
    tools: z
      .array(z.enum(TOOLS, { error: TOOLS_EXPECTED }), { error: TOOLS_EXPECTED })
      .max(TOOLS.length, { error: TOOLS_EXPECTED })
      .default([]),
    duty: line(200, "expected one line of at most 200 characters that says what it does"),
  },
  { error: "expected `key: value` lines" },
);

const FIELDS = Object.keys(frontMatter.shape);

export const SHIPPED = fileURLToPath(new URL("../../../prompts/", import.meta.url));

/** @returns undefined when there is no such file. @throws RbeeError specialist.invalid */
export function readThinker(file: string): Thinker | undefined {
  const bytes = readPlainFile(file, FILE_BYTES_MAX, (why) => refuse(file, why));
  return bytes === undefined ? undefined : thinkerIn(file, bytes);
}

/** @throws RbeeError specialist.invalid */
export function readPart(part: Part): Thinker {
  const file = path.join(SHIPPED, `${part}.md`);
  return readThinker(file) ?? refuse(file, "is missing: install rbee again");
}

const FRONT_MATTER = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)([\s\S]*)$/;

/** TP5. More than a team and a roster have files. */
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

/** TP2. */
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

/** TP2. */
export function refuse(file: string, why: string, key?: string): never {
  const message = `${file}: ${why.slice(0, MESSAGE_CHARS_MAX)}`;
  throw new RbeeError("specialist.invalid", message, key === undefined ? { file } : { file, key });
}
