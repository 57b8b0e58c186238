/**
 * The guardian: the parent of the node that `rbee daemon start` leaves running in the background.
 *
 * Owns: starting the node again within bounds, its log, and the note in the run folder that says how it fares.
 * Does not own: how a node stops, who may hold the home, or the words of an error. Plain JavaScript without
 * dependencies, so that it stays small for months.
 *
 * Run as `node guardian.mjs TASK FLAGS`: `rbee node FLAGS` is what it keeps running, TASK is {notePath, logPath,
 * stopWithinMs} as JSON.
 *
 *  G1 A node that ends unexpectedly is started again, each time later than before, within the bound of RESTARTS.
 *  G2 An orderly end is the guardian's end too, and so is a failure that starting again would not change.
 *  G3 Before the node has served for the first time somebody waits: what it says is wrong is told, not tried again.
 *  G4 A signal that asks for an end is passed on, and the node is killed when it has not ended in time.
 *  G5 However the guardian dies, the node dies with it (lifeline.mjs).
 *  G6 stdout gets one line: that of the node when it serves, or why it does not. All else goes to the log.
 *  G7 Started again the node serves where it served before, unless that place is taken by then.
 *  G8 The note is advice: written whole, true for as long as its pid and start time name a living process.
 *
 * @module
 */
import { closeSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GuardianLog } from "./guardian-log.mjs";
import { exitCodeOf, spawnMortal } from "./lifeline.mjs";

const LAUNCHER = join(dirname(fileURLToPath(import.meta.url)), "rbee.mjs");
const RESTARTS = { max: 5, windowMs: 60_000 };
const BACKOFF = { firstMs: 100, factor: 3, maxMs: 10_000 };
const UNSTABLE_EXIT_CODE = 1;
const BROKEN_EXIT_CODE = 70;
/** Done, interrupted, terminated: somebody wanted it. */
const ORDERLY_EXIT_CODES = new Set([0, 130, 143]);
const ORDERLY_SIGNALS = new Set(["SIGTERM", "SIGINT", "SIGHUP"]);
/** The classes of errors that stay as they are however often it is tried. */
const FINAL_CLASSES = new Set(["rejected", "terminal"]);
const LINE_CHARS_MAX = 64 * 1024;

class Guardian {
  /** {notePath, stopWithinMs} */
  #task;
  #flags;
  /** HOST:PORT of the node, as far as it is known. */
  #place;
  #log;
  #child;
  #timer;
  #told = false;
  #served = false;
  #stopping = false;
  /** When the node ended unexpectedly, within the window. */
  #crashesMs = [];
  /** Starts in a row that found the home held by another. */
  #waits = 0;
  #note;
  #resolve;

  constructor({ notePath, logPath, stopWithinMs }, flags) {
    this.#task = { notePath, stopWithinMs };
    this.#flags = flags;
    this.#log = new GuardianLog(logPath);
    const self = { pid: process.pid, startTicks: startTicksOf("self"), startedAtMs: Date.now() };
    this.#note = { ...self, logPath, stopWithinMs, restarts: 0 };
  }

  /** @returns the exit code, once there is no node and will be none. */
  guard() {
    for (const signal of ORDERLY_SIGNALS) process.on(signal, () => this.#stop());
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#start();
    });
  }

  say(text) {
    this.#log.say(text);
  }

  #start() {
    const logFd = this.#log.open();
    const flags = this.#place === undefined ? this.#flags : listeningAt(this.#place, this.#flags);
    const args = [LAUNCHER, "node", "--json", ...flags];
    let child;
    try {
      child = spawnMortal(process.execPath, args, ["ignore", "pipe", logFd ?? "ignore"]);
    } catch (error) {
      return this.#over({ how: `it could not be started: ${error.message}`, exitCode: 1 });
    } finally {
      if (logFd !== undefined) closeSync(logFd);
    }
    this.#child = child;
    let failure;
    readFirstLine(child.stdout, (line) => {
      const said = parseJson(line);
      if (said?.ready === true) this.#serves(line, said);
      else failure = said?.error;
    });
    // What cannot be spawned closes too, after it has said so.
    child.on("error", (error) => this.say(`the node could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      this.#child = undefined;
      const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
      this.#over({ how, exitCode: exitCodeOf(code, signal), signal, failure });
    });
  }

  #serves(line, { pid, url }) {
    this.say(`node ${pid} serves at ${url}`);
    this.#served = true;
    this.#waits = 0;
    this.#place = url.slice(url.indexOf("//") + 2);
    this.#write({ state: "serving", node: { pid, startTicks: startTicksOf(pid), sinceMs: Date.now() } });
    this.#tell(line);
  }

  #over({ how, exitCode, signal, failure }) {
    if (this.#stopping || ORDERLY_EXIT_CODES.has(exitCode) || ORDERLY_SIGNALS.has(signal)) {
      this.say(`the node is gone: ${how}`);
      if (this.#notedPid() === process.pid) rmSync(this.#task.notePath, { force: true });
      return this.#end(exitCode);
    }
    const lines = this.#log.tail();
    if (failure?.code === "home.held" && this.#served) return this.#waitForHome(failure, exitCode);
    const placeIsTaken = this.#place !== undefined && failure?.code === "port.taken";
    if (placeIsTaken) this.#place = undefined;
    else if (failure !== undefined && (!this.#served || FINAL_CLASSES.has(failure.class))) {
      return this.#giveUp(failure, lines, exitCode);
    }
    const reason = failure === undefined ? [how, lines.at(-1)].filter(Boolean).join("; ") : textOf(failure);
    const now = performance.now();
    this.#crashesMs = [...this.#crashesMs.filter((at) => at > now - RESTARTS.windowMs), now];
    const crashes = this.#crashesMs.length;
    if (crashes > RESTARTS.max) {
      const times = `${crashes} times in ${RESTARTS.windowMs / 1000} s`;
      const message = `the node ended ${times}, the last time: ${reason}; its log is ${this.#note.logPath}`;
      return this.#giveUp({ code: "daemon.unstable", message }, lines, UNSTABLE_EXIT_CODE);
    }
    this.#note.restarts += 1;
    this.#again("restarting", reason, crashes);
  }

  /** Another took the home while there was no node: it is looked again, unless that is another daemon. */
  #waitForHome(failure, exitCode) {
    const pid = this.#notedPid();
    if (pid !== undefined && pid !== process.pid) return this.#giveUp(failure, [], exitCode);
    this.#waits += 1;
    this.#again("waiting", textOf(failure), this.#waits);
  }

  #again(state, reason, attempt) {
    const delayMs = Math.min(BACKOFF.firstMs * BACKOFF.factor ** (attempt - 1), BACKOFF.maxMs);
    if (this.#note.last?.reason !== reason || state === "restarting") {
      this.say(`${reason}; the node is started again in ${delayMs} ms`);
    }
    if (this.#served) this.#write({ state, node: undefined, last: { reason, atMs: Date.now() } });
    this.#timer = setTimeout(() => this.#start(), delayMs);
  }

  #giveUp(failure, lines, exitCode) {
    this.say(`giving up: ${textOf(failure)}`);
    const { code, message } = failure;
    if (this.#notedPid() === process.pid) {
      this.#write({ state: "ended", node: undefined, last: { reason: textOf(failure), atMs: Date.now() } });
    }
    this.#tell(JSON.stringify({ error: { code, message }, lines }));
    this.#end(exitCode);
  }

  #stop() {
    if (this.#child === undefined) {
      clearTimeout(this.#timer);
      this.#stopping = true;
      return this.#over({ how: "it was not running", exitCode: 0 });
    }
    // A second signal reaches the node too, which is then in a hurry.
    this.#child.kill("SIGTERM");
    if (this.#stopping) return;
    this.#stopping = true;
    this.say("stopping the node");
    if (this.#served) this.#write({ state: "stopping" });
    this.#timer = setTimeout(() => {
      this.say(`the node did not end within ${this.#task.stopWithinMs} ms and is killed`);
      this.#child?.kill("SIGKILL");
    }, this.#task.stopWithinMs);
  }

  #end(exitCode) {
    clearTimeout(this.#timer);
    this.#resolve(exitCode);
  }

  #tell(line) {
    if (this.#told) return;
    this.#told = true;
    process.stdout.end(`${line}\n`);
  }

  /** Whose note lies there: another daemon may have taken the home while this one had no node. */
  #notedPid() {
    return parseJson(readText(this.#task.notePath))?.pid;
  }

  /** A disk that refuses costs the note and not the node. */
  #write(changes) {
    this.#note = { ...this.#note, ...changes };
    const { notePath } = this.#task;
    try {
      writeFileSync(`${notePath}.${process.pid}`, JSON.stringify(this.#note), { mode: 0o600 });
      renameSync(`${notePath}.${process.pid}`, notePath);
    } catch (error) {
      this.say(`cannot write ${notePath}: ${error.message}`);
    }
  }
}

function listeningAt(place, flags) {
  const at = flags.indexOf("--listen");
  return ["--listen", place, ...(at === -1 ? flags : flags.toSpliced(at, 2))];
}

const textOf = ({ code, message }) => `${code}: ${message}`;

/** Reads the stream to its end and keeps the first line of it, within bounds. */
function readFirstLine(stream, take) {
  let text = "";
  let done = false;
  stream.setEncoding("utf8").on("data", (piece) => {
    if (done) return;
    text = (text + piece).slice(0, LINE_CHARS_MAX);
    const end = text.indexOf("\n");
    if (end === -1) return;
    done = true;
    take(text.slice(0, end));
  });
}

/** Where the kernel tells it, as in src/hosts/real/kernel.ts. */
function startTicksOf(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === undefined ? "" : stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const [task, ...flags] = process.argv.slice(2);
const guardian = new Guardian(JSON.parse(task), flags);
// Whoever started it may be gone, and then nobody reads.
process.stdout.on("error", () => {});
process.on("uncaughtException", (error) => {
  guardian.say(`this is a bug in rbee: ${error.stack}`);
  process.exit(BROKEN_EXIT_CODE);
});
process.exitCode = await guardian.guard();
