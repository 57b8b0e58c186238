/**
 * A terminal of 80 by 24 to type into and to read from: tmux, with a server of its own.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { waitUntil } from "./children.ts";
import { LAUNCHER } from "./keeper.ts";
import { temporaryFolder } from "./temporary.ts";

export interface Terminal {
  /** Names of keys as tmux knows them: `Enter`, `C-c`, `Up`. */
  press(...keys: readonly string[]): void;
  type(text: string): void;
  /** As a terminal pastes: within the marks, if the program asked for them. */
  paste(text: string): void;
  /**
   * As a person makes the window another size: text that no longer fits is broken into more lines. Resolves when its
   * programs may know, which for the second of two that come close together is a while later.
   */
  resize(columns: number, rows: number): Promise<void>;
  /** As a person closes the window. */
  close(): void;
  shows(text: string | RegExp): Promise<string>;
}

const SHOWS_WITHIN_MS = 20_000;
/** Each look starts a program. */
const LOOK_MS = 50;

/** Runs `rbee ARGS` as a person would; when it ends the screen says `exit CODE`. */
export function terminal(args: readonly string[], env: Readonly<Record<string, string>>): Terminal {
  const folder = temporaryFolder();
  const socket = join(folder, "tmux");
  const tmux = (...words: readonly string[]): string =>
    execFileSync("tmux", ["-S", socket, ...words], { encoding: "utf8" });
  const quoted = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(" ");
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const shell = `${quoted}; echo "exit $?"; read -r _`;
  tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", folder, ...variables, "sh", "-c", shell);
  let open = true;
  const close = (): void => {
    if (open) tmux("kill-server");
    open = false;
  };
  onTestFinished(close);
  const screen = (): string => tmux("capture-pane", "-p", "-S", "-200").trimEnd();
  return {
    press: (...keys) => void tmux("send-keys", ...keys),
    type: (text) => void tmux("send-keys", "-l", text),
    paste(text) {
      tmux("set-buffer", text);
      tmux("paste-buffer", "-p");
    },
    async resize(columns, rows) {
      tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
      const device = tmux("display-message", "-p", "#{pane_tty}").trim();
      const size = (): string => execFileSync("stty", ["-F", device, "size"], { encoding: "utf8" }).trim();
      await waitUntil(() => size() === `${rows} ${columns}`, SHOWS_WITHIN_MS);
    },
    close,
    async shows(text) {
      const giveUpMs = performance.now() + SHOWS_WITHIN_MS;
      for (;;) {
        const now = screen();
        if (typeof text === "string" ? now.includes(text) : text.test(now)) return now;
        if (performance.now() > giveUpMs) throw new Error(`never shown: ${text}\n${now}`);
        await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
      }
    },
  };
}
