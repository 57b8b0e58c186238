/**
 * Goal: whatever stands in a configuration file, the environment or a flag, it is taken as it was meant or refused with
 *       `config.invalid` or `usage.invalid` (L2 of load.ts, C2 of settings.ts), in bounded time and memory.
 * Method: files of any bytes, of YAML that is nearly right, and of YAML that is made to hurt.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorData } from "../../../src/protocol/errors.ts";
import { type Flags, loadConfig } from "../../../src/runtime/config/load.ts";
import { environmentName, SETTING_GROUPS, SETTING_KEYS } from "../../../src/runtime/config/settings.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { within } from "./limits.ts";

const SEED = process.env["RBEE_SEED"];
const MESSAGE_CHARS_MAX = 4_096;

const key = fc.oneof(fc.constantFrom(...SETTING_KEYS, ...SETTING_GROUPS), fc.string({ maxLength: 12 }));
const scalar = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "~",
    "5m",
    "-1",
    ".inf",
    ".nan",
    "1e999",
    "0x10",
    "${HOME}",
    "${",
    "${}",
    "{a: b}",
    "[1, 2]",
    "!!set {a}",
  ),
  fc.constantFrom("!!binary aGk=", "2001-12-14", "&a 1", "*a", "!!js/function x", "? a", "<<: {a: 1}", "'", "[", "- 1"),
  fc.double().map(String),
  fc.bigInt().map(String),
);
const line = fc
  .tuple(fc.integer({ min: 0, max: 3 }), key, scalar)
  .map(([depth, name, value]) => `${"  ".repeat(depth)}${name}: ${value}\n`);
const nearlyYaml = fc.array(line, { maxLength: 6 }).map((lines) => lines.join(""));

const repeated = (text: string) => fc.constantFrom(1, 20, 2_000, 20_000).map((times) => text.repeat(times));
/** Each name is ten of the one before it. */
const laughs = fc.constantFrom("model.default", "worker.slots").map((name) => {
  const levels = Array.from({ length: 9 }, (_, n) => {
    const inner = n === 0 ? "lol" : `*a${n - 1}`;
    return `&a${n} [${Array.from({ length: 10 }, () => inner).join(",")}]`;
  });
  return `${name}: [${levels.join(",")}]\n`;
});
const hurting = fc.oneof(
  ...["[", "{a: ", "- ", "? ", "&a ", "!", "a: |\n", "worker:\n", "\t", "%", "---\n", '"', "${HOME}"].map(repeated),
  laughs,
  fc.constantFrom("name: &a [*a]\n", "worker: &a {ports: *a}\n", "? &a [*a]\n: 1\n", "? {a: 1}\n: 1\n", "null: 1\n"),
  fc.constantFrom("__proto__: 1\n", "worker: {__proto__: {slots: 2}}\n", "constructor: 1\n", "name: !!map {a: 1}\n"),
);

interface Place {
  readonly home: string;
  readonly cwd: string;
  readonly user: string;
  readonly folder: string;
}

function place(): Place {
  const root = temporaryFolder();
  const [home, cwd] = [join(root, "home"), join(root, "cwd")];
  for (const folder of [home, cwd]) mkdirSync(folder);
  return { home, cwd, user: join(home, "config.yaml"), folder: join(cwd, "rbee.yaml") };
}

function expectTakenOrRefused({ home, cwd }: Place, env: Record<string, string>, flags: Flags): void {
  try {
    const { config } = loadConfig({ flags, env: { ...env, RBEE_HOME: home }, cwd });
    expect(config.worker.slots).toBeGreaterThanOrEqual(1);
    expect(config.queue.lengthMax).toBeLessThanOrEqual(1_000_000);
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    expect(["config.invalid", "usage.invalid"], message).toContain(code);
    expect(message.length).toBeLessThan(MESSAGE_CHARS_MAX);
  }
}

describe("a configuration of anything", () => {
  test(`L2 a file of any text is taken, or refused with its place (seed ${SEED})`, () => {
    const at = place();
    const text = fc.oneof(
      nearlyYaml,
      fc.string({ unit: "binary", maxLength: 80 }),
      nearlyYaml.map((yaml) => `\uFEFF${yaml}`),
    );
    return within({ ms: 30_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(text, text, fc.string({ maxLength: 40 }), (user, folder, dotEnv) => {
          writeFileSync(at.user, user);
          writeFileSync(at.folder, folder);
          writeFileSync(join(at.home, ".env"), dotEnv);
          expectTakenOrRefused(at, {}, {});
        }),
        { numRuns: 500 },
      ),
    );
  });

  test(`L2 a file of any bytes is taken, or refused with its place (seed ${SEED})`, () => {
    const at = place();
    return within({ ms: 30_000, mebibytes: 128 }, () =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 60 }), (user, dotEnv) => {
          writeFileSync(at.user, user);
          writeFileSync(join(at.home, ".env"), dotEnv);
          expectTakenOrRefused(at, {}, {});
        }),
        { numRuns: 300 },
      ),
    );
  });

  test(`L2 a file that is made to hurt costs no more than another (seed ${SEED})`, () => {
    const at = place();
    return within({ ms: 40_000, mebibytes: 512 }, () =>
      fc.assert(
        fc.property(hurting, (text) => {
          writeFileSync(at.user, text);
          expectTakenOrRefused(at, {}, {});
        }),
        { numRuns: 60 },
      ),
    );
  });

  test(`L2 any text in the environment or a flag is taken, or refused (seed ${SEED})`, () => {
    const at = place();
    const given = fc.dictionary(fc.constantFrom(...SETTING_KEYS), fc.oneof(scalar, fc.string({ maxLength: 20 })));
    return within({ ms: 20_000, mebibytes: 96 }, () =>
      fc.assert(
        fc.property(given, given, (env, flags) => {
          const named = Object.entries(env).map(([name, text]) => [environmentName(name as keyof Flags), text]);
          expectTakenOrRefused(at, Object.fromEntries(named) as Record<string, string>, flags);
        }),
        { numRuns: 400 },
      ),
    );
  });
});
