/**
 * Goal: DC1 of doctor/check.ts, and what each figure means to the doctor (DO2 of commands/doctor.ts).
 * Method: the findings as pure functions of figures; a check that throws and one that hangs.
 */
import { describe, expect, test } from "vitest";
import { examine, ok, type Check, type Examined, type Finding } from "../../../src/cli/doctor/check.ts";
import { engineFinding } from "../../../src/cli/doctor/engine-check.ts";
import { clockFinding, diskFinding, memoryFinding } from "../../../src/cli/doctor/machine-checks.ts";
import type { Backend } from "../../../src/hosts/machine/devices.ts";

const GIB = 2 ** 30;

const EXAMINED: Examined = {
  env: {},
  cwd: "/",
  paths: { home: "/h", configFile: "/h/c", trust: "/h/t", data: "/h/d", models: "/h/m", state: "/h/s", logs: "/h/l" },
  config: undefined,
  configError: undefined,
  holder: undefined,
};

const backend = (kind: Backend["kind"], why = ""): Backend => ({
  kind,
  usable: why === "",
  why,
  names: [],
  totalBytes: 8 * GIB,
  freeBytes: 8 * GIB,
  sharedBytes: 0,
  cards: kind === "cpu" ? [] : [{ name: "A card", totalBytes: 8 * GIB, freeBytes: 8 * GIB }],
});

describe("a figure", () => {
  const cases: readonly (readonly [string, Finding, Finding["level"], string])[] = [
    [
      "memory to spare",
      memoryFinding({ totalBytes: 32 * GIB, freeBytes: 16 * GIB, headroomBytes: GIB }),
      "ok",
      "up to 15 GiB",
    ],
    [
      "memory for small models",
      memoryFinding({ totalBytes: 4 * GIB, freeBytes: 2 * GIB, headroomBytes: GIB }),
      "warn",
      "up to 1 GiB",
    ],
    [
      "memory below the headroom",
      memoryFinding({ totalBytes: 4 * GIB, freeBytes: GIB, headroomBytes: GIB }),
      "fail",
      "kept free",
    ],
    ["disk to spare", diskFinding("/m", 100 * GIB), "ok", "100 GiB free at /m"],
    ["disk for no model", diskFinding("/m", GIB), "warn", "1 GiB"],
    ["disk for nothing", diskFinding("/m", 1024), "fail", "1 KiB"],
    ["a clock that runs", clockFinding(new Date("2026-05-05T00:00:00Z"), 3), "ok", "2026-05-05"],
    ["a clock that jumps", clockFinding(new Date("2026-05-05T00:00:00Z"), -5_000), "warn", "jumped by -5000 ms"],
    ["a clock that was never set", clockFinding(new Date(0), 0), "fail", "1970"],
    [
      "an engine on every backend",
      engineFinding([backend("cpu"), backend("cuda")]),
      "ok",
      "cpu; cuda, A card with 8 GiB",
    ],
    [
      "a driver that is broken",
      engineFinding([backend("cpu"), backend("cuda", "it crashed")]),
      "warn",
      "not on cuda: it crashed",
    ],
    ["no engine", engineFinding([backend("cpu", "not installed")]), "fail", "not installed"],
  ];
  test.each(cases)("DO2 %s is told as what it is, and with a remedy unless it is fine", (_, finding, level, says) => {
    expect(finding).toMatchObject({ level, text: expect.stringContaining(says) });
    expect(finding.remedy !== undefined).toBe(level !== "ok");
  });
});

describe("a check", () => {
  const check = (examineIt: Check["examine"]): Check => ({ name: "it", examine: examineIt });

  test("DC1 that breaks is a failure of its own, whether it throws at once or later", async () => {
    const broken = (): never => {
      throw new Error("no such thing");
    };
    for (const examineIt of [broken, () => Promise.resolve().then(broken)]) {
      expect(await examine(check(examineIt), EXAMINED)).toMatchObject({
        name: "it",
        level: "fail",
        text: expect.stringContaining("no such thing"),
        remedy: expect.any(String),
      });
    }
  });

  test("DC1 that hangs is a failure within its time", async () => {
    const never = check(() => new Promise<Finding>(() => {}));
    expect(await examine(never, EXAMINED, 10)).toMatchObject({
      level: "fail",
      text: expect.stringContaining("0.01 s"),
    });
  });

  test("that has nothing to say says nothing", async () => {
    expect(
      await examine(
        check(() => undefined),
        EXAMINED,
      ),
    ).toBeUndefined();
    expect(
      await examine(
        check(() => ok("well")),
        EXAMINED,
      ),
    ).toEqual({ name: "it", level: "ok", text: "well" });
  });
});
