/**
 * Goal: SE1-SE4 of secret.ts: a secret is read from the file that is named for it, or nothing begins, and never said.
 * Method: real files, and the configuration as every command loads it.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorData } from "../../../src/protocol/errors.ts";
import { loadConfig } from "../../../src/runtime/config/load.ts";
import { isKept, secretOf } from "../../../src/runtime/config/secret.ts";
import { temporaryFolder } from "../../support/temporary.ts";

function fileOf(text: string, mode = 0o600): string {
  const file = join(temporaryFolder(), "secret");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const from = (file: string): string | undefined => secretOf({ TOKEN_FILE: file }, "TOKEN");

function refusalOf(file: string): string {
  try {
    from(file);
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    expect(code).toBe("config.invalid");
    expect(message).toContain(`TOKEN_FILE: ${file} `);
    return message;
  }
  throw new Error("it was accepted");
}

describe("a secret", () => {
  test("SE1 is the variable's, else the file's that the variable with _FILE names, else there is none", () => {
    const file = fileOf("quetzal\n");
    expect(from(file)).toBe("quetzal");
    expect(secretOf({ TOKEN: "own", TOKEN_FILE: file }, "TOKEN")).toBe("own");
    expect(secretOf({ TOKEN: "", TOKEN_FILE: file }, "TOKEN")).toBe("quetzal");
    expect([secretOf({}, "TOKEN"), secretOf({ TOKEN_FILE: "" }, "TOKEN")]).toEqual([undefined, undefined]);
  });

  test("SE1 whose file is not there, or no file, begins nothing", () => {
    expect(refusalOf(join(temporaryFolder(), "none"))).toContain("does not exist");
    expect(refusalOf(temporaryFolder())).toContain("is no file");
    const pipe = join(temporaryFolder(), "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    expect(refusalOf(pipe)).toContain("is no file");
  });

  test.each([0o644, 0o604, 0o640, 0o660, 0o601])("SE2 is not taken from a file of mode %o", (mode) => {
    expect(refusalOf(fileOf("quetzal", mode))).toContain(`may be read by others (${mode.toString(8)})`);
  });

  test("SE2 is taken from one that is its owner's alone, also behind a link, and from root's for a group", () => {
    const file = fileOf("quetzal", 0o400);
    const link = join(temporaryFolder(), "link");
    symlinkSync(file, link);
    expect([from(file), from(link)]).toEqual(["quetzal", "quetzal"]);
    const [me, other] = [1_000, 1_001];
    expect([isKept({ mode: 0o440, uid: 0 }, me), isKept({ mode: 0o444, uid: 0 }, me)]).toEqual([true, false]);
    expect([isKept({ mode: 0o440, uid: 0 }, 0), isKept({ mode: 0o440, uid: other }, me)]).toEqual([false, false]);
  });

  test.each([
    ["", "is empty"],
    [" \n\t\n", "is empty"],
    ["one\ntwo\n", "more than one line"],
    ["one two", "more than one word"],
    ["quetz\u00e4l", "what cannot be typed"],
    ["qu\u0000", "what cannot be typed"],
  ])("SE3 is one word on one line: %j is refused", (text, why) => {
    expect(refusalOf(fileOf(text))).toContain(why);
  });

  test("SE3 is no file that is larger than any secret", () => {
    expect(from(fileOf("q".repeat(4_096)))).toHaveLength(4_096);
    expect(refusalOf(fileOf("q".repeat(4_097)))).toContain("larger than 4096 bytes");
  });

  test("SE4 stands in no message, whatever is wrong with its file", () => {
    for (const file of [fileOf("quetzal\nquetzal"), fileOf("quetzal quetzal"), fileOf("quetzal", 0o644)]) {
      expect(refusalOf(file)).not.toContain("quetzal");
    }
  });
});

describe("${NAME} of a file of settings", () => {
  test("SE1 is what NAME_FILE holds, where there is no NAME", () => {
    const [home, cwd] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(home, "config.yaml"), "endpoints:\n  box: {url: 'http://127.0.0.1:1/v1', key: '${BOX_KEY}'}\n");
    const keyIn = (env: Record<string, string>): string | undefined =>
      loadConfig({ flags: {}, env: { RBEE_HOME: home, ...env }, cwd }).config.endpoints["box"]?.key;
    const file = fileOf("sk-quetzal\n");
    expect(keyIn({ BOX_KEY_FILE: file })).toBe("sk-quetzal");
    expect(keyIn({ BOX_KEY_FILE: file, BOX_KEY: "sk-own" })).toBe("sk-own");
    expect(() => keyIn({ BOX_KEY_FILE: fileOf("sk-quetzal", 0o644) })).toThrow("may be read by others");
    expect(() => keyIn({})).toThrow("config.yaml:2");
  });
});
