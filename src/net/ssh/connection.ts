/**
 * One connection to another machine over SSH, on which any number of programs are run.
 *
 * Owns: the `ssh` that holds the connection, the ones that run a program each over it, their bounds. Does not own: what
 * is run (src/cli/setup), host keys that are not known yet (host-key.ts).
 *
 *  SC1 It is opened once: whoever is asked for a passphrase is asked once, however much is done over it.
 *  SC2 However this process ends, the connection ends: what holds it reads a pipe that only we hold.
 *  SC3 What the other machine says is bounded, and how long it may say nothing.
 *  SC4 A connection that is lost is a failure of its own, never the exit code of a program that ran over it.
 *
 * @module
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { RbeeError } from "../../protocol/errors.ts";
import { lastWords, SSH_FAILED, sshFailure } from "./failure.ts";
import { sshArguments, sshEnvironment, type SshPlace, type Surroundings } from "./place.ts";
import { shellLine } from "./shell-line.ts";

/** Longer than `ssh` itself waits for a connection; somebody who types a passphrase takes his time. */
const OPEN_WITHIN_MS = { attended: 180_000, alone: 45_000 };
const ANSWER_WITHIN_MS = 60_000;
const OUTPUT_LETTERS_MAX = 256 * 1024;
const STDERR_LETTERS_KEPT = 16 * 1024;
/** Between two looks at how far a feeder is. */
const LOOK_MS = 200;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
}

/** A program of this machine, whose output is what the one over there reads. */
export interface Feeder {
  readonly program: string;
  readonly args: readonly string[];
  /** Told now and then how many bytes it has written in all. */
  wrote(bytes: number): void;
  /** What it means that it failed. */
  failed(why: string): RbeeError;
}

export interface Running {
  /** What it reads; nothing when not given. */
  readonly input?: string | Feeder;
  /** From the last that it was sent, or that it said. */
  readonly withinMs?: number;
}

export interface SshConnection {
  /** @throws RbeeError ssh.lost, ssh.foreign, ask.deadline */
  run(words: readonly string[], running?: Running): Promise<Ran>;
  close(): Promise<void>;
}

export interface Opening extends Surroundings {
  readonly signal: AbortSignal;
}

/** SC1. @throws RbeeError ssh.missing, ssh.unreachable, ssh.refused, ssh.hostkey.unknown, ssh.hostkey.changed, ... */
export async function openSsh(place: SshPlace, opening: Opening): Promise<SshConnection> {
  opening.signal.throwIfAborted();
  // The path of a socket is short, and that of a person's folders need not be.
  const folder = mkdtempSync(join(tmpdir(), "rbee-ssh-"));
  const socket = join(folder, "s");
  const mark = randomBytes(12).toString("hex");
  const options = ["ControlMaster=yes", `ControlPath="${socket.replaceAll("%", "%%")}"`];
  // SC2: `cat` ends when nobody can write to it any more.
  const args = [...sshArguments(place, opening, options), shellLine(["sh", "-c", `echo ${mark}; exec cat`])];
  const holder = spawn("ssh", args, { env: sshEnvironment(opening.env) });
  const holding = new Holding(holder);
  try {
    await holding.opened(place.host, mark, opening);
  } catch (error) {
    holder.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    run: (words, running = {}) => runOver({ place, opening, socket, words, running }),
    async close() {
      // Also where something that was given up still runs over there.
      holder.kill("SIGTERM");
      await holding.endedWithin(CLOSE_WITHIN_MS);
      holder.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const CLOSE_WITHIN_MS = 5_000;

class Holding {
  readonly #holder: ChildProcessWithoutNullStreams;
  /** Its exit code. */
  readonly #ended: Promise<number>;
  #stdout = "";
  #stderr = "";

  constructor(holder: ChildProcessWithoutNullStreams) {
    this.#holder = holder;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#ended = promise;
    holder.once("close", (code) => resolve(code ?? SSH_FAILED)).once("error", () => resolve(SSH_FAILED));
    holder.stdin.on("error", () => {});
    holder.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr = endOf(this.#stderr + text)));
  }

  async opened(host: string, mark: string, { signal, attended }: Opening): Promise<void> {
    const withinMs = attended ? OPEN_WITHIN_MS.attended : OPEN_WITHIN_MS.alone;
    const late = AbortSignal.timeout(withinMs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = (): void =>
      reject(signal.aborted ? signal.reason : new RbeeError("ssh.unreachable", `${host}: no answer in ${withinMs} ms`));
    const enough = AbortSignal.any([signal, late]);
    enough.addEventListener("abort", stop, { once: true });
    this.#holder.once("error", (error) => reject(noProgram(error)));
    void this.#ended.then((code) => reject(code === SSH_FAILED ? sshFailure(host, this.#stderr) : this.#noShell(host)));
    // A login that greets is heard out, within bounds.
    this.#holder.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout = endOf(this.#stdout + text);
      if (this.#stdout.includes(`${mark}\n`)) resolve();
    });
    await promise.finally(() => enough.removeEventListener("abort", stop));
  }

  /** Somebody was let in, and something else ran than what was asked for. */
  #noShell(host: string): RbeeError {
    const said = lastWords(this.#stderr) || lastWords(this.#stdout) || "it says nothing";
    return new RbeeError("ssh.foreign", `${host}: a login there runs no shell: ${said}`, { host });
  }

  async endedWithin(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([this.#ended, promise]);
    clearTimeout(timer);
  }
}

interface Over {
  readonly place: SshPlace;
  readonly opening: Opening;
  readonly socket: string;
  readonly words: readonly string[];
  readonly running: Running;
}

async function runOver({ place, opening, socket, words, running }: Over): Promise<Ran> {
  opening.signal.throwIfAborted();
  const { input = "", withinMs = ANSWER_WITHIN_MS } = running;
  // SC4: without the one that holds the connection it makes none of its own.
  const options = [`ControlPath="${socket.replaceAll("%", "%%")}"`, "ProxyCommand=exit 1", "ProxyJump=none"];
  const args = [...sshArguments(place, { ...opening, attended: false }, options), shellLine(words)];
  const child = spawn("ssh", args, { env: sshEnvironment(opening.env) });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const heard = { stdout: "", stderr: "" };
  const give = (error: unknown): void => {
    child.kill("SIGKILL");
    reject(error);
  };
  const giveUp = (error: unknown): never => {
    child.kill("SIGKILL");
    throw error;
  };
  const silence = setTimeout(
    () => give(new RbeeError("ask.deadline", `${place.host} said nothing for ${withinMs / 1000} s`)),
    withinMs,
  );
  const stop = (): void => give(opening.signal.reason);
  opening.signal.addEventListener("abort", stop, { once: true });
  child.once("error", (error) => reject(noProgram(error)));
  child.once("close", (code) => resolve(code ?? SSH_FAILED));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    silence.refresh();
    heard.stdout += text;
    // SC3.
    if (heard.stdout.length > OUTPUT_LETTERS_MAX) give(tooMuch(place.host));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    silence.refresh();
    heard.stderr = endOf(heard.stderr + text);
  });
  try {
    const sent = send(input, child, () => silence.refresh());
    // What was not all sent may look whole over there.
    const [code] = await Promise.all([promise, sent.catch(giveUp)]);
    if (code === SSH_FAILED) throw lost(place.host, heard.stderr);
    return { code, ...heard };
  } finally {
    clearTimeout(silence);
    opening.signal.removeEventListener("abort", stop);
  }
}

async function send(
  input: string | Feeder,
  { stdin }: ChildProcessWithoutNullStreams,
  moved: () => void,
): Promise<void> {
  // A program that ends before it has read all says why by its exit code.
  stdin.on("error", () => {});
  if (typeof input === "string") stdin.end(input);
  else await feed(input, stdin, moved);
}

/** From the one program into the other, past this process: it is as fast as the two are. */
async function feed({ program, args, wrote, failed }: Feeder, stdin: Writable, moved: () => void): Promise<void> {
  const feeder = spawn(program, [...args], { stdio: ["ignore", stdin, "pipe"], env: sshEnvironment(process.env) });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [stderr, bytes] = ["", 0];
  const look = (): void => {
    const now = writtenBy(feeder.pid) ?? bytes;
    if (now === bytes) return;
    bytes = now;
    moved();
    wrote(bytes);
  };
  const looking = setInterval(look, LOOK_MS);
  feeder.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = endOf(stderr + text)));
  feeder.once("error", (error) => reject(failed(error.message)));
  feeder.once("close", (code) => {
    // Where nobody reads any more, who has read says why.
    const isReaderGone = code === null || /broken pipe|connection reset/i.test(stderr);
    if (code === 0 || isReaderGone) resolve();
    else reject(failed(lastWords(stderr)));
  });
  // Ours would keep it open, and then it had no end.
  stdin.destroy();
  await promise.finally(() => clearInterval(looking));
}

/** As the kernel counts; undefined where it does not tell. */
function writtenBy(pid: number | undefined): number | undefined {
  try {
    const written = /^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1];
    return written === undefined ? undefined : Number(written);
  } catch {
    return undefined;
  }
}

const endOf = (text: string): string => text.slice(-STDERR_LETTERS_KEPT);
const lost = (host: string, stderr: string): RbeeError =>
  new RbeeError("ssh.lost", `${host}: ${lastWords(stderr) || "the connection broke"}`, { host });
const tooMuch = (host: string): RbeeError =>
  new RbeeError("ssh.foreign", `${host} says more than ${OUTPUT_LETTERS_MAX} letters`, { host });
const noProgram = (error: Error): RbeeError => new RbeeError("ssh.missing", `ssh cannot be run: ${error.message}`);
