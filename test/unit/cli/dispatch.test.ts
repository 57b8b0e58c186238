/**
 * Goal: D1-D2 of dispatch.ts.
 * Method: arguments in, the command with its options or a refusal out; a property over texts after a flag.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/commands.mjs";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { errorData } from "../../../src/protocol/errors.ts";

function refusalOf(argv: readonly string[]): string {
  try {
    dispatch(argv);
  } catch (error) {
    const { code, message } = errorData(error);
    expect(code).toBe("usage.invalid");
    return message;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

describe("commands and options", () => {
  test("every command of the table is found by its own name", () => {
    for (const { group, name, args, options } of COMMANDS) {
      const words = [group, name, ...(args.startsWith("[") ? [] : args.split(" "))].filter(
        (word) => word !== undefined && word !== "",
      );
      const flags = options.flatMap(({ flag, value }) => (value === undefined ? [flag] : [flag, "1"]));
      expect(dispatch([...words, ...flags].map(String)).command).toBe([group, name].filter(Boolean).join(" "));
    }
  });

  test("without a command it is the conversation, with or without options", () => {
    expect(dispatch([]).command).toBe("");
    expect(dispatch(["--lines"]).options.on("--lines")).toBe(true);
  });

  test("another name for a command is the same command", () => {
    expect(dispatch(["worker", "start", "--model", "m"]).command).toBe("worker spawn");
  });

  test.each([
    [["infre"], "infer"],
    [["wroker", "list"], "worker"],
    [["worker", "lst"], "worker list"],
    [["infer", "--promt", "x"], "--prompt"],
    [["worker", "list", "--jsn"], "--json"],
    [["--line"], "--lines"],
    [["hello there"], "the nearest is"],
  ])("D1 %j is refused and the nearest right one is named", (argv, nearest) =>
    expect(refusalOf(argv)).toContain(nearest),
  );

  test.each([
    [["worker"], "list"],
    [["worker", "stop"], "missing required args"],
    [["worker", "stop", "a", "b"], "Unused args"],
    [["infer", "--prompt"], "--prompt needs TEXT"],
    [["infer", "--prompt", "a", "--prompt", "b"], "twice"],
    [["status", "--json=yes"], "takes no value"],
    [["status", "now"], "Unused args"],
  ])("%j is refused", (argv, says) => expect(refusalOf(argv)).toContain(says));

  test.each(["007", "0x10", "1e3", "-5", "--json", "--", "", "a=b", "=", "true", "é \n", "[object Object]"])(
    "D2 the text %j reaches the command as typed, joined to its flag or behind it",
    (text) => {
      expect(dispatch(["infer", "--prompt", text]).options.text("--prompt")).toBe(text);
      expect(dispatch(["infer", `--prompt=${text}`]).options.text("--prompt")).toBe(text);
    },
  );

  test("D2 any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, json) => {
        const { options } = dispatch(["infer", "--prompt", text, ...(json ? ["--json"] : [])]);
        expect([options.text("--prompt"), options.on("--json")]).toEqual([text, json]);
      }),
    );
  });

  test("a number or a duration that is none is refused with its flag", () => {
    const { options } = dispatch(["infer", "--max-tokens", "ten", "--seed", ""]);
    expect(() => options.number("--max-tokens")).toThrow("--max-tokens takes a number");
    expect(() => options.number("--seed")).toThrow("--seed takes a number");
    expect(() => options.required("--prompt")).toThrow("--prompt is needed");
  });
});
