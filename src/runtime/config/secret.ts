/**
 * A secret of the environment: what the variable NAME holds, or the file that NAME_FILE names.
 *
 * Owns: which of the two, and what such a file may be. Does not own: what the secret is for.
 *
 *  SE1 The variable itself wins. A file that is named is there and right, or nothing begins.
 *  SE2 Of a file that others may read nothing is taken. One of root's may be open to a group: so systemd and
 *      administrators hand a credential to a service.
 *  SE3 It holds one word on one line: neither half a file nor one of something else is taken for a secret.
 *  SE4 No message holds a word of it.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { RbeeError } from "../../protocol/errors.ts";
import type { Environment } from "./paths.ts";

const FILE_BYTES_MAX = 4_096;
const WORD = /^[\x21-\x7e]+$/;
const GROUP = 0o070;
const OTHERS = 0o007;
const ROOT = 0;

/** @returns nothing where neither is set @throws RbeeError config.invalid */
export function secretOf(env: Environment, name: string): string | undefined {
  const variable = `${name}_FILE`;
  const file = env[variable];
  if (env[name] || !file) return env[name];
  const refuse = (why: string): never => {
    throw new RbeeError("config.invalid", `${variable}: ${file} ${why}`, { file });
  };
  return wordIn(textOf(file, refuse), refuse);
}

type Refuse = (why: string) => never;

function textOf(file: string, refuse: Refuse): string {
  const descriptor = opened(file, refuse);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return refuse("is no file");
    if (!isKept(stats, process.getuid?.())) {
      return refuse(`may be read by others (${(stats.mode & 0o777).toString(8)}): chmod 600 makes it yours alone`);
    }
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    const length = readSync(descriptor, bytes);
    return length > FILE_BYTES_MAX
      ? refuse(`is larger than ${FILE_BYTES_MAX} bytes`)
      : bytes.toString("utf8", 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Nobody is waited for: a pipe has no writer perhaps. */
function opened(file: string, refuse: Refuse): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return refuse(code === "ENOENT" ? "does not exist" : `cannot be read (${code})`);
  }
}

/** SE2. @param ownUid nothing where the system knows no such bits */
export function isKept({ mode, uid }: Pick<Stats, "mode" | "uid">, ownUid: number | undefined): boolean {
  if (ownUid === undefined) return true;
  const isHandedOver = uid === ROOT && ownUid !== ROOT;
  return (mode & OTHERS) === 0 && (isHandedOver || (mode & GROUP) === 0);
}

/** SE3. */
function wordIn(text: string, refuse: Refuse): string {
  const lines = text.trim().split("\n");
  if (lines.length > 1) return refuse("holds more than one line");
  const [word = ""] = lines;
  if (word === "") return refuse("is empty");
  return WORD.test(word) ? word : refuse("holds more than one word, or what cannot be typed");
}
