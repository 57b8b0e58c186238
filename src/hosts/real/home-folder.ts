/**
 * The folder RBEE_HOME: that it exists, is this user's alone, what room it needs, and where its socket lies.
 *
 * Does not own: who holds it (home-lock.ts), or what is in it.
 *
 *  HF1 What anybody else could have put there or can change is refused, never used and never repaired.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RbeeError } from "../../protocol/errors.ts";

/** The kernel's limit is 104 on macOS and 108 on Linux, with the closing zero. */
const SOCKET_PATH_BYTES_MAX = 100;
/** Room on its disk below which a node promises nothing new. Kernel rule 10. */
export const DISK_HEADROOM_BYTES = 16 * 2 ** 20;
const OTHERS = 0o077;
const STICKY = 0o1000;

export const runDirOf = (home: string): string => join(home, "run");

/**
 * Makes the home, and its run folder, open to nobody else. Throws `home.unusable`.
 * @returns a line to say if it had been open to others.
 */
export function prepareHome(home: string): string | undefined {
  makeFolder(home);
  const stats = statSync(home);
  if (!stats.isDirectory() || !isOurs(stats)) throw unusable(home, "is not a folder of this user");
  const wider = (stats.mode & OTHERS) !== 0;
  if (wider) {
    if (isShared(home, stats)) throw unusable(home, "has other uses, so it is not closed to others for rbee");
    chmodSync(home, 0o700);
  }
  makeFolder(runDirOf(home));
  return wider ? `${home} could be read by others (mode ${modeText(stats)}); it is now open to you alone` : undefined;
}

/** `run/rbee.sock`, or a short path of this user's own where that would be too long for a socket. */
export function socketPathOf(home: string): string {
  const inHome = join(runDirOf(resolve(home)), "rbee.sock");
  if (fits(inHome)) return inHome;
  const name = `${createHash("sha256").update(resolve(home)).digest("hex").slice(0, 16)}.sock`;
  const folders = [tmpdir(), "/tmp"].map((folder) => join(folder, `rbee-${ownUid()}`));
  const folder = folders.find((candidate) => fits(join(candidate, name)));
  if (folder === undefined) throw unusable(home, "has a path too long for a socket, as has the folder for short ones");
  makeFolder(folder);
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || !isOurs(stats) || (stats.mode & OTHERS) !== 0) {
    throw unusable(folder, "is not a folder of this user alone, and sockets are kept there");
  }
  return join(folder, name);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(path, `cannot be made: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A slip such as RBEE_HOME=~ or =/tmp must not change what others, or other programs, may do there. */
const isShared = (home: string, stats: Stats): boolean =>
  (stats.mode & STICKY) !== 0 || resolve(home) === resolve(homedir()) || resolve(home) === resolve("/");

const fits = (path: string): boolean => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
const ownUid = (): number => process.getuid?.() ?? 0;
const isOurs = (stats: Stats): boolean => stats.uid === ownUid();
const modeText = (stats: Stats): string => (stats.mode & 0o7777).toString(8);
const unusable = (path: string, why: string): RbeeError => new RbeeError("home.unusable", `${path} ${why}`, { path });
