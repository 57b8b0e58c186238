/**
 * Proof bundles: what a run was given, what happened and how it ended, in a folder of its own.
 *
 * Owns: the folder's place, the form of its files, the comparison of two. Does not own: any run.
 *
 *  PB1 The same run gives the same bytes in seeds.json, transcript.ndjson and result.txt. Wall time, versions and the
 *      machine stand in metadata.json alone, which no comparison looks at.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, resolve } from "node:path";

export interface Bundle {
  readonly type: "simulation" | "property" | "feature";
  /** Of the run; a second one with this name and seed takes the place of the first. */
  readonly name: string;
  readonly seed: number;
  /** Everything else that the run is made from. */
  readonly given?: object;
  /** Each line is an object, or its JSON. */
  readonly transcript: readonly (object | string)[];
  readonly metadata: object;
  readonly result: string;
  /** What the processes that took part left behind: their texts, and a folder of logs. */
  readonly parts?: readonly {
    readonly name: string;
    readonly texts: Readonly<Record<string, string>>;
    readonly folder: string;
  }[];
}

const COMPARED = ["seeds.json", "transcript.ndjson", "result.txt"] as const;
const NAME_CHARS_MAX = 80;

/** Whether also runs that hold leave a bundle. */
export const everyRunProves = (): boolean => process.env["RBEE_PROOF"] === "1";

const root = (): string => resolve(process.env["RBEE_PROOF_DIR"] ?? ".proof_bundle");

/** @returns the folder, `TYPE/RUN` below RBEE_PROOF_DIR, without it below .proof_bundle of the working folder */
export function writeBundle({ type, name, seed, given, transcript, metadata, result, parts = [] }: Bundle): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const folder = join(root(), type, `${seed}-${slug}`.slice(0, NAME_CHARS_MAX).replaceAll(/^-|-$/g, ""));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const machine = { node: process.version, platform: platform(), arch: arch(), writtenAt: new Date().toISOString() };
  const lines = transcript.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  write("seeds.json", json({ seed, ...given }));
  write("transcript.ndjson", lines.map((line) => `${line}\n`).join(""));
  write("metadata.json", json({ type, name, ...metadata, ...machine }));
  write("result.txt", `${result}\n`);
  for (const part of parts) {
    mkdirSync(join(folder, part.name));
    for (const [file, text] of Object.entries(part.texts)) write(join(part.name, file), text);
    if (existsSync(part.folder)) cpSync(part.folder, join(folder, part.name, "logs"), { recursive: true });
  }
  return folder;
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** The first difference between two bundles, `FILE:LINE`; undefined: they are the same, byte for byte. */
export function differenceOf(one: string, other: string): string | undefined {
  for (const file of COMPARED) {
    const [a, b] = [one, other].map((folder) => readFileSync(join(folder, file), "utf8").split("\n"));
    const at = Array.from({ length: Math.max(a?.length ?? 0, b?.length ?? 0) }).findIndex((_, i) => a?.[i] !== b?.[i]);
    if (at !== -1) return `${file}:${at + 1}`;
  }
  return undefined;
}
