/**
 * The program at a terminal of 80 by 24 that a bench types at and reads from.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../bin/rbee.mjs", import.meta.url));
const SHOWS_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 20_000;

export class PtyProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  /** Since somebody last waited for something. */
  #shown = "";
  #look: () => void = () => {};

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#shown += text;
      this.#look();
    });
    child.stderr.resume();
  }

  static start(home: string, args: readonly string[]): PtyProgram {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RBEE_")));
    const quoted = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(" ");
    const shell = `stty rows 24 cols 80; exec ${quoted}`;
    const child = spawn("script", ["-qfec", shell, "/dev/null"], {
      cwd: tmpdir(),
      env: { ...env, TERM: "xterm-256color", LANG: "C.UTF-8", RBEE_HOME: home, RBEE_HIVE_LISTEN: "127.0.0.1:0" },
    });
    return new PtyProgram(child);
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** How long it took a key to its letter. */
  async echoMs(letter: string): Promise<number> {
    this.#shown = "";
    const beganMs = performance.now();
    this.type(letter);
    await this.#waitFor(letter);
    return performance.now() - beganMs;
  }

  /** From now on. @param text letters that stand beside each other, whatever else is told the terminal between */
  async shows(text: string): Promise<void> {
    await this.#waitFor(text);
    this.#shown = "";
  }

  /** @param key that makes it end by itself */
  async leave(key: string): Promise<void> {
    const ended = once(this.#child, "exit", { signal: AbortSignal.timeout(ENDS_WITHIN_MS) });
    this.type(key);
    await ended;
  }

  /** Harmless when it has ended: its terminal goes, and it with that. */
  end(): void {
    this.#child.kill("SIGTERM");
  }

  async #waitFor(text: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (this.#shown.replaceAll(CONTROL, "").includes(text)) resolve();
    };
    const lost = (why: string) => (): void => reject(new Error(`${why}: ${text}\n${this.#shown.slice(-LAST)}`));
    const timer = setTimeout(lost("never shown"), SHOWS_WITHIN_MS);
    const ended = lost("ended before it was shown");
    this.#child.once("exit", ended);
    this.#look = look;
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#child.off("exit", ended);
      this.#look = () => {};
    }
  }
}

const LAST = 2_000;
// oxlint-disable-next-line no-control-regex
const CONTROL = /\u001B\[[0-9;?]*[A-Za-z]/g;
