/**
 * Completes package-lock.json with the platform packages that a registry hides.
 *
 * Packages with native parts name one optional package a platform. A registry mirror that lacks some of them makes
 * `npm install` leave those out of the lock, and `npm ci` then refuses the lock everywhere ("Missing: ... from lock
 * file"). The names and versions stand in the lock already, in `optionalDependencies`; the platform stands in the name.
 *
 * Owns the form of the added entries. Does not fetch anything: an added entry has no integrity hash until somebody
 * locks again with a registry that has the package.
 *
 *   L1 Running it twice changes nothing the second time.
 *   L2 Nothing that npm wrote is changed, only entries are added, in npm's own order.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** What the words of a platform package's name mean to npm. */
const OS_BY_WORD: Readonly<Record<string, string>> = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  mac: "darwin",
  openharmony: "openharmony",
  win: "win32",
  win32: "win32",
};
const CPU_WORDS = new Set(["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "x64"]);
const LIBC_BY_WORD: Readonly<Record<string, string>> = {
  gnu: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl",
};

/** The lock with every optional dependency present; the same object when nothing is missing. */
export function completeLock(lock: Lock): Lock {
  const packages: Record<string, LockEntry> = { ...lock.packages };
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (found(packages, path, name, version)) continue;
      packages[placeFor(packages, path, name)] = platformEntry(name, version, entry);
    }
  }
  if (Object.keys(packages).length === Object.keys(lock.packages).length) return lock;
  return { ...lock, packages: sortedAsNpm(packages) };
}

/** Whether Node's upward search from `path` meets the package in that version. */
function found(packages: Lock["packages"], path: string, name: string, version: string): boolean {
  for (let folder: string | undefined = path; folder !== undefined; folder = parentOf(folder)) {
    const there = packages[join(folder, "node_modules", name)];
    if (there) return there.version === version || !isExact(version);
  }
  return false;
}

/** Beside the package that asks for it, or inside that package where another version stands beside it. */
function placeFor(packages: Lock["packages"], path: string, name: string): string {
  const beside = join(parentOf(path) ?? "", "node_modules", name);
  return packages[beside] ? join(path, "node_modules", name) : beside;
}

function parentOf(path: string): string | undefined {
  if (path === "") return undefined;
  const at = path.lastIndexOf("node_modules/");
  return path.slice(0, Math.max(0, at - 1));
}

function platformEntry(name: string, version: string, parent: LockEntry): LockEntry {
  if (!isExact(version)) throw new Error(`${name}: cannot lock the range ${version} without the registry`);
  const words = name.split(/[^a-z0-9]+/);
  const os = words.map((word) => OS_BY_WORD[word]).find(Boolean);
  const cpu = words.find((word) => CPU_WORDS.has(word));
  const libc = words.map((word) => LIBC_BY_WORD[word]).find(Boolean);
  if (!os || !cpu) throw new Error(`${name}: its name does not say which platform it is for`);
  return {
    version,
    cpu: [cpu],
    ...(parent.dev === true && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
}

function sortedAsNpm(packages: Lock["packages"]): Lock["packages"] {
  return Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, "en")));
}

if (import.meta.main) {
  const file = process.argv[2] ?? "package-lock.json";
  const before = readFileSync(file, "utf8");
  const lock = JSON.parse(before) as Lock;
  const after = completeLock(lock);
  writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
  const added = Object.keys(after.packages).length - Object.keys(lock.packages).length;
  console.log(`${file}: ${added === 0 ? "complete" : `${added} entries added`}`);
}
