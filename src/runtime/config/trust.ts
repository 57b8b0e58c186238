/**
 * Which ./rbee.yaml the user trusts: by place and content, so that a file that changes has to be trusted again.
 *
 * Owns: the notes of what is trusted, one file each in a folder of the user's. Does not own: what trust permits
 * (file.ts).
 *
 *  TR1 A file is trusted while it lies where it lay and holds, byte for byte, what it held when it was trusted.
 *  TR2 A note that anybody else owns or can change says nothing.
 *
 * @module
 */
// oxlint-disable-next-line no-restricted-imports -- the digest of a file's content is neither time nor chance
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { writePrivately } from "./private-file.ts";

const note = z.object({ schemaVersion: z.literal(1), file: z.string(), sha256: z.string() });

/** `changed`: it was trusted and holds something else by now. */
export type Standing = "trusted" | "changed" | "unknown";

export interface TrustedText {
  readonly file: string;
  readonly text: string;
}

export function standingOf({ file, text }: TrustedText, folder: string): Standing {
  const trusted = readNote(notePath(file, folder));
  if (trusted === undefined || trusted.file !== placeOf(file)) return "unknown";
  return trusted.sha256 === digest(text) ? "trusted" : "changed";
}

/** @returns the digest by which it is known from now on. */
export function trustText({ file, text }: TrustedText, folder: string): string {
  const sha256 = digest(text);
  const said: z.infer<typeof note> = { schemaVersion: 1, file: placeOf(file), sha256 };
  writePrivately(notePath(file, folder), `${JSON.stringify(said)}\n`);
  return sha256;
}

/** The file need not exist any more. @returns whether it had been trusted, in this or another version. */
export function revokeTrust(file: string, folder: string): boolean {
  const known = readNote(notePath(file, folder)) !== undefined;
  rmSync(notePath(file, folder), { force: true });
  return known;
}

const OTHERS_WRITE = 0o022;

function readNote(file: string): z.infer<typeof note> | undefined {
  try {
    const { mode, uid } = lstatSync(file);
    if ((mode & OTHERS_WRITE) !== 0 || uid !== (process.getuid?.() ?? uid)) return undefined;
    return note.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Not there, or no note: trust is never guessed.
    return undefined;
  }
}

const notePath = (file: string, folder: string): string => path.join(folder, `${digest(placeOf(file))}.json`);

/** The same by whatever way one comes to the folder. */
function placeOf(file: string): string {
  const resolved = path.resolve(file);
  try {
    return path.join(realpathSync(path.dirname(resolved)), path.basename(resolved));
  } catch {
    return resolved;
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
