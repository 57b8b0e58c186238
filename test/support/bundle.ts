/**
 * Proof bundles: what a run was given, what happened and how it ended, in a folder of its own.
 *
 * Owns: the folder's place and the form of its files. The same seed and the same run give the same bytes in
 * seeds.json, transcript.ndjson and result.txt; wall time, versions and the machine stand in metadata.json alone.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, resolve } from "node:path";

export interface Bundle {
  /** The kind of run: feature, property, simulation. */
  readonly type: string;
  /** Of the run; a second one with this name and seed takes the place of the first. */
  readonly name: string;
  readonly seeds: Readonly<Record<string, number>>;
  readonly transcript: readonly object[];
  readonly metadata: object;
  readonly result: string;
  /** What the processes that took part left behind: their texts, and a folder of logs. */
  readonly parts: readonly {
    readonly name: string;
    readonly texts: Readonly<Record<string, string>>;
    readonly folder: string;
  }[];
}

const NAME_CHARS_MAX = 80;

/** @returns the folder: below RBEE_PROOF_DIR, without it below .proof_bundle of the working folder */
export function writeBundle({ type, name, seeds, transcript, metadata, result, parts }: Bundle): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const runId = [...Object.values(seeds), slug].join("-").slice(0, NAME_CHARS_MAX).replaceAll(/^-|-$/g, "");
  const folder = resolve(process.env["RBEE_PROOF_DIR"] ?? ".proof_bundle", type, runId);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const machine = { node: process.version, platform: platform(), arch: arch(), writtenAt: new Date().toISOString() };
  write("seeds.json", `${JSON.stringify(seeds, undefined, 2)}\n`);
  write("transcript.ndjson", transcript.map((line) => `${JSON.stringify(line)}\n`).join(""));
  write("metadata.json", `${JSON.stringify({ ...metadata, ...machine }, undefined, 2)}\n`);
  write("result.txt", `${result}\n`);
  for (const part of parts) {
    mkdirSync(join(folder, part.name));
    for (const [file, text] of Object.entries(part.texts)) write(join(part.name, file), text);
    if (existsSync(part.folder)) cpSync(part.folder, join(folder, part.name, "logs"), { recursive: true });
  }
  return folder;
}
