/**
 * Goal: W1-W2 of write.ts and PF1-PF2 of private-file.ts: a setting is changed as a careful person would change it.
 * Method: real files; a property over every way to write the settings of a file.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorData, type ErrorData } from "../../../src/protocol/errors.ts";
import { settingsOf } from "../../../src/runtime/config/file.ts";
import { isSettingKey, type SettingKey } from "../../../src/runtime/config/settings.ts";
import { editedText, writeSetting } from "../../../src/runtime/config/write.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const EXAMPLE = readFileSync(new URL("../../../config.example.yaml", import.meta.url), "utf8");

const edit = (text: string, key: SettingKey, value: string | number | undefined): string =>
  editedText("config.yaml", text, key, value);

function failure(work: () => unknown): ErrorData {
  try {
    work();
  } catch (error) {
    return errorData(error);
  }
  throw new Error("it was accepted");
}

const valuesIn = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    settingsOf("config.yaml", text, { trusted: true, env: {} }).map(({ key, value }): [string, unknown] => [
      key,
      value,
    ]),
  );

describe("the edit", () => {
  const cases: readonly (readonly [string, string, SettingKey, string | number | undefined, string])[] = [
    ["an empty file", "", "worker.slots", 3, "worker:\n  slots: 3\n"],
    ["a file of comments", "# mine\n", "name", "bee", "# mine\n\nname: bee\n"],
    ["comments at the line", "worker:\n  slots: 2 # two\n", "worker.slots", 3, "worker:\n  slots: 3 # two\n"],
    [
      "a group that is empty",
      "worker:\n  # later\nname: x\n",
      "worker.slots",
      3,
      "worker:\n  slots: 3\n  # later\nname: x\n",
    ],
    ["a group in braces", "worker: {slots: 2}\n", "worker.threads", 3, "worker: { slots: 2, threads: 3 }\n"],
    ["a key written with dots", "worker.slots: 2\n", "worker.slots", 3, "worker.slots: 3\n"],
    ["text that looks like another type", "", "name", "true", 'name: "true"\n'],
    [
      "a line that is taken out",
      "# head\n\n# it\nname: x\nlisten: a:1\n",
      "name",
      undefined,
      "# head\n\n# it\nlisten: a:1\n",
    ],
    [
      "a group of one, taken out",
      "name: x\nworker:\n  ports:\n    from: 1\n",
      "worker.ports.from",
      undefined,
      "name: x\n",
    ],
    ["all that there was", "# head\n\nname: x\n# end\n", "name", undefined, "# head\n\n# end\n"],
    ["nothing to take out", "name: x\n", "worker.slots", undefined, "name: x\n"],
  ];
  test.each(cases)("W1 %s", (_, before, key, value, after) => {
    expect(edit(before, key, value)).toBe(after);
  });

  test("W1 the example with one value changed differs from itself in that line alone", () => {
    const changed = edit(EXAMPLE, "worker.idleTimeout", "30m").split("\n");
    const before = EXAMPLE.split("\n");
    expect(changed).toHaveLength(before.length);
    expect(changed.filter((line, at) => line !== before[at])).toEqual(["  idleTimeout: 30m"]);
  });

  const slots = fc.integer({ min: 1, max: 256 });
  const lines: Readonly<Record<string, fc.Arbitrary<string>>> = {
    name: fc.constantFrom("name: here\n", "name: 'a' # mine\n", ""),
    queue: slots.map((n) => `queue:\n  # how many\n  lengthMax: ${n}\n`),
    worker: fc.oneof(
      slots.map((n) => `worker:\n  slots: ${n} # each\n\n  threads: 2\n`),
      slots.map((n) => `worker: {slots: ${n}, ports: {from: 9000}}\n`),
      slots.map((n) => `worker.slots: ${n}\n# between\nworker:\n    threads: 3\n`),
      fc.constantFrom("", "worker:\n", "worker:\n  # empty\n"),
    ),
  };
  const text = fc
    .tuple(fc.constantFrom("", "# head\n\n", "# close\n"), ...Object.values(lines), fc.constantFrom("", "# end\n"))
    .map((parts) => parts.join(""));
  const change = fc.constantFrom<[SettingKey, string | number]>(
    ["worker.slots", 7],
    ["worker.ports.from", 9100],
    ["name", "007"],
    ["queue.lengthMax", 5],
    ["model.default", "hf:a/b:Q4_K_M"],
  );

  test("W1 whatever a file says, a change is of one setting, and every comment above a key stays", () => {
    fc.assert(
      fc.property(text, change, fc.boolean(), (before, [key, value], removed) => {
        const after = edit(before, key, removed ? undefined : value);
        const { [key]: _old, ...others } = valuesIn(before);
        expect(valuesIn(after)).toEqual(removed ? others : { ...others, [key]: value });
        for (const [comment] of before.matchAll(/^ *# .*$/gm)) expect(after).toContain(comment.trim());
        expect(edit(after, key, removed ? undefined : value)).toBe(after);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["broken YAML", "name: [\n", ":2: not valid YAML"],
    ["a list for a file", "- a\n", ":1: expected `key: value` lines"],
    ["a group that is a value", "name: x\nworker: 3\n", ":2: worker is a group"],
    [
      "aliases, where a change reaches further",
      "name: &a x\nmodel:\n  default: *a\n",
      ":3: a change may reach further",
    ],
  ])("W2 %s is refused with its line", (_, before, says) => {
    expect(failure(() => edit(before, "worker.slots", 3))).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining(`config.yaml${says}`),
    });
  });
});

describe("the file", () => {
  const write = (file: string, key: string, value: string | number | undefined): boolean => {
    if (!isSettingKey(key)) throw new Error(`no setting ${key}`);
    return writeSetting(file, key, value, {});
  };

  test("PF2 it is made for its owner alone, and one that was open to others is closed", () => {
    const folder = join(temporaryFolder(), "config");
    const file = join(folder, "config.yaml");
    expect(write(file, "worker.slots", 3)).toBe(true);
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    writeFileSync(join(folder, "open.yaml"), "name: x\n", { mode: 0o644 });
    write(join(folder, "open.yaml"), "worker.slots", 3);
    expect(statSync(join(folder, "open.yaml")).mode & 0o777).toBe(0o600);
  });

  test("PF1 a link stays a link, and nothing is left beside the file", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere", "mine.yaml"), "# mine\nname: x\n");
    symlinkSync(join(folder, "elsewhere", "mine.yaml"), join(folder, "config.yaml"));
    write(join(folder, "config.yaml"), "worker.slots", 3);
    expect(readFileSync(join(folder, "elsewhere", "mine.yaml"), "utf8")).toBe("# mine\nname: x\nworker:\n  slots: 3\n");
    expect(readdirSync(folder).toSorted()).toEqual(["config.yaml", "elsewhere"]);
    expect(readdirSync(join(folder, "elsewhere"))).toEqual(["mine.yaml"]);
  });

  test("W2 what would not be valid as a whole is not written", () => {
    const file = join(temporaryFolder(), "config.yaml");
    writeFileSync(file, "queue:\n  lengthMax: many\n");
    const error = failure(() => write(file, "worker.slots", 3));
    expect(error.message).toContain(`${file}:2: queue.lengthMax: expected a whole number`);
    expect(readFileSync(file, "utf8")).toBe("queue:\n  lengthMax: many\n");
    expect(write(file, "queue.lengthMax", 5)).toBe(true);
  });

  test("what stands there already is not written again", () => {
    const file = join(temporaryFolder(), "config.yaml");
    write(file, "worker.slots", 3);
    const { ino } = statSync(file);
    expect(write(file, "worker.slots", 3)).toBe(false);
    expect(statSync(file).ino).toBe(ino);
  });
});
