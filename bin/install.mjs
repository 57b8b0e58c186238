/**
 * Installs the packages of a checkout, once, whoever asks first: `npm start`, `npm test` or the launcher itself.
 *
 * Owns: what counts as installed, the lock between installers, the Node that the packages bring.
 * Does not own: starting anything. Plain JavaScript for any Node from 20 on, without dependencies.
 *
 *  I1 stdout stays clean and stdin unread: `echo question | npm start --silent` prints the answer alone.
 *  I2 One installs at a time; the others wait and then find it done. A dead installer blocks nobody.
 *  I3 What `npm ci` or `npm install` already put there counts, so nobody's own install is thrown away.
 *  I4 Every wait has an end.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const NODE_MIN = [22, 18];
const NODE_UNSUITABLE_EXIT_CODE = 69;
const LOCK_WAIT_MAX_MS = 15 * 60_000;
const LOCK_POLL_MS = 200;
const OUTPUT_CHARS_MAX = 64_000;
const OUTPUT_LINES_MAX = 20;
/** A lock without a pid in it belongs to a process between two statements, or to one that died there. */
const LOCK_UNSIGNED_MAX_MS = 2_000;

/** Something the person has to know, with the exit code that goes with it. */
export class InstallError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Whether `version` ("24.21.0") runs TypeScript without help. */
export function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** A source tree with its lock file; a published package has none, and installing is its installer's business. */
export function isCheckout(root) {
  return existsSync(join(root, "package.json")) && existsSync(join(root, "package-lock.json"));
}

/**
 * Makes sure that the packages are there, and a Node that can run the sources.
 *
 * @returns the path of that Node: the running one, or the one among the packages.
 * @throws {InstallError} when npm fails (1) or no suitable Node is to be had (69).
 */
export async function install(root) {
  if (isCheckout(root) && !isInstalled(root)) await locked(root, () => installPackages(root));
  if (runsTypeScript(process.versions.node)) return process.execPath;
  if (isCheckout(root) && pinnedNode(root) === undefined) {
    // Packages installed while scripts were blocked: the pinned Node unpacks itself in a script.
    await locked(root, () => npm(root, ["rebuild", "node"]));
  }
  const node = pinnedNode(root);
  if (node === undefined) throw await nodeUnsuitable(root);
  return node;
}

function pinnedNode(root) {
  const folder = join(root, "node_modules", "node");
  const binary = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  const version = readJson(join(folder, "package.json")).version;
  return version !== undefined && runsTypeScript(version) && existsSync(binary) ? binary : undefined;
}

async function nodeUnsuitable(root) {
  const needs = `rbee: needs Node 22.18 or newer, this is ${process.versions.node}`;
  if (!isCheckout(root)) return new InstallError(`${needs}; install Node 24`, NODE_UNSUITABLE_EXIT_CODE);
  const ignored = await npm(root, ["config", "get", "ignore-scripts"]);
  const setting = ignored.output.trim() === "true" ? "ignore-scripts" : "allow-scripts";
  const why = `and npm's ${setting} setting keeps the one among the packages from unpacking`;
  return new InstallError(`${needs}, ${why}; change the setting or install Node 24`, NODE_UNSUITABLE_EXIT_CODE);
}

// What counts as installed.

const stampPath = (root) => join(root, "node_modules", ".rbee-installed");

function wantedStamp(root) {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(root, name))).update("\0");
  return hash.digest("hex");
}

function isInstalled(root) {
  const wanted = wantedStamp(root);
  if (readText(stampPath(root)) === wanted) return true;
  if (!treeMatchesLock(root)) return false;
  try {
    writeFileSync(stampPath(root), wanted);
  } catch {
    // Somebody else's folder: it is looked through again next time.
  }
  return true;
}

/**
 * Compares what is there with the lock; optional packages may be missing, none may differ. npm's own record comes last
 * in an install, so it tells a whole one from a broken one; but `npm install --package-lock-only` writes it too, so
 * the packages themselves are looked at as well.
 */
function treeMatchesLock(root) {
  const record = readJson(join(root, "node_modules", ".package-lock.json")).packages;
  const lock = readJson(join(root, "package-lock.json")).packages;
  if (record === undefined || lock === undefined || !manifestMatchesLock(root, lock[""])) return false;
  return Object.entries(lock).every(([path, { version, optional }]) => {
    if (path === "") return true;
    if (record[path] === undefined) return optional === true;
    return record[path].version === version && readJson(join(root, path, "package.json")).version === version;
  });
}

function manifestMatchesLock(root, inLock) {
  const manifest = readJson(join(root, "package.json"));
  return ["dependencies", "devDependencies", "optionalDependencies"].every(
    (kind) => JSON.stringify(sorted(manifest[kind])) === JSON.stringify(sorted(inLock[kind])),
  );
}

const sorted = (record = {}) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

// Installing.

async function installPackages(root) {
  if (isInstalled(root)) return;
  const why = existsSync(join(root, "node_modules")) ? "they changed" : "first run";
  say(`installing packages (${why}, about a minute)...`);
  const flags = ["--include=dev", "--no-audit", "--no-fund"];
  let result = await npm(root, ["ci", ...flags]);
  if (result.code !== 0 && result.output.includes("npm error code EUSAGE")) {
    // package.json and the lock differ: somebody is adding a package.
    result = await npm(root, ["install", ...flags]);
  }
  if (result.code !== 0) {
    const lines = result.output.split("\n").filter(Boolean).slice(-OUTPUT_LINES_MAX);
    throw new InstallError(`rbee: installing packages failed; npm said:\n  ${lines.join("\n  ")}`, 1);
  }
  writeFileSync(stampPath(root), wantedStamp(root));
}

/** Runs npm with nothing to read; what it says is kept, within bounds. */
function npm(root, args) {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", [...args, "--loglevel=error"], {
      cwd: root,
      env: { ...process.env, PATH: pathWithoutOwnPackages(root) },
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (chunk) => (output = (output + chunk).slice(-OUTPUT_CHARS_MAX));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const end = (signal) => {
      child.kill(signal);
      process.exit(signal === "SIGHUP" ? 129 : 143);
    };
    process.once("SIGTERM", end).once("SIGHUP", end);
    child.once("error", (error) => reject(new InstallError(`rbee: cannot run npm: ${error.message}`, 1)));
    child.once("close", (code) => {
      process.off("SIGTERM", end).off("SIGHUP", end);
      resolve({ code, output });
    });
  });
}

/** npm removes node_modules first: it must not run on the Node in there. */
function pathWithoutOwnPackages(root) {
  const own = join(root, "node_modules");
  const folders = (process.env.PATH || "").split(delimiter);
  return folders.filter((folder) => !folder.startsWith(own)).join(delimiter);
}

// One at a time.

async function locked(root, work) {
  const lock = join(root, ".rbee-install.lock");
  const deadlineAt = Date.now() + LOCK_WAIT_MAX_MS;
  let signedAt = Date.now();
  for (let waited = false; !take(lock); waited = true) {
    const holder = readText(join(lock, "pid"));
    if (Date.now() > deadlineAt) throw new InstallError(`rbee: process ${holder} holds ${lock} for too long`, 1);
    if (holder !== undefined) signedAt = Date.now();
    const isDead = holder === undefined ? Date.now() - signedAt > LOCK_UNSIGNED_MAX_MS : !isAlive(Number(holder));
    if (isDead) moveAside(lock, holder);
    else if (!waited) say(`waiting for process ${holder || "?"}, which is installing packages...`);
    await pause(LOCK_POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new InstallError(`rbee: cannot install packages: ${error.message}`, 1);
  }
  writeFileSync(join(lock, "pid"), String(process.pid));
  return true;
}

/** Of several who find the holder dead only one can move its lock; a fresh lock moved by mistake goes back. */
function moveAside(lock, deadHolder) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (readText(join(aside, "pid")) === deadHolder) rmSync(aside, { recursive: true, force: true });
    else renameSync(aside, lock);
  } catch {
    // Another one was quicker, and is the one to ask next.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function say(text) {
  process.stderr.write(`rbee: ${text}\n`);
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  install(dirname(dirname(fileURLToPath(import.meta.url)))).catch((error) => {
    process.stderr.write(`${error.exitCode === undefined ? error.stack : error.message}\n`);
    process.exitCode = error.exitCode || 1;
  });
}
