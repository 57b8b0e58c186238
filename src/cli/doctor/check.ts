/**
 * What an examination of this machine is made of.
 *
 *  DC1 A check never throws and never hangs: one that breaks or takes too long is a failure of its own.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Holder } from "../../hosts/real/home-lock.ts";
import type { Config } from "../../runtime/config/load.ts";
import type { Environment, Paths } from "../../runtime/config/paths.ts";

/** `warn`: it works, and there is something to know. `fail`: it does not work. */
export type Level = "ok" | "warn" | "fail";

export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** What to do about it; a finding that is not ok has one. */
  readonly remedy?: string;
}

export interface Examined {
  readonly env: Environment;
  readonly cwd: string;
  readonly paths: Paths;
  /** Undefined: it is not valid, which is a finding of its own. */
  readonly config: Config | undefined;
  readonly configError: string | undefined;
  /** Who holds the home and serves. */
  readonly holder: Holder | undefined;
}

export interface Check {
  readonly name: string;
  /** Undefined: there is nothing to say here. */
  examine(examined: Examined): Finding | undefined | Promise<Finding | undefined>;
}

export const ok = (text: string): Finding => ({ level: "ok", text });
export const warn = (text: string, remedy: string): Finding => ({ level: "warn", text, remedy });
export const fail = (text: string, remedy: string): Finding => ({ level: "fail", text, remedy });

const CHECK_WITHIN_MS = 40_000;

export interface Named extends Finding {
  readonly name: string;
}

export async function examine(
  check: Check,
  examined: Examined,
  withinMs = CHECK_WITHIN_MS,
): Promise<Named | undefined> {
  const late = new AbortController();
  const { name } = check;
  try {
    const found = await Promise.race([
      Promise.resolve(examined).then((given) => check.examine(given)),
      pause(withinMs, undefined, { signal: late.signal, ref: false }).then(() =>
        fail(`it was not done within ${withinMs / 1_000} s`, "See whether a disk or a program of this machine hangs."),
      ),
    ]);
    return found && { name, ...found };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, ...fail(`it could not be examined: ${why}`, "Correct what is named, and run `rbee doctor` again.") };
  } finally {
    late.abort();
  }
}
