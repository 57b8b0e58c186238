/**
 * Goal: the lock names every platform's packages, whichever registry it was written against.
 * Method: the pure function over small locks and over the real one. L1 and L2 are those of tools/complete-lock.ts.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { completeLock, type Lock } from "../../../tools/complete-lock.ts";

const PARENT = "node_modules/fast";

function lockOf(optionalDependencies: Readonly<Record<string, string>>, others: Lock["packages"] = {}): Lock {
  return { packages: { "": {}, [PARENT]: { version: "1.0.0", dev: true, optionalDependencies }, ...others } };
}

test("L1 the lock of this repository is complete", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lock;
  expect(completeLock(lock)).toBe(lock);
});

test("the lock of this repository names no registry", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain("://registry");
});

describe("a missing platform package", () => {
  test.for([
    ["@fast/darwin-arm64", { os: ["darwin"], cpu: ["arm64"] }],
    ["@fast/mac-x64", { os: ["darwin"], cpu: ["x64"] }],
    ["@fast/win-x64-cuda", { os: ["win32"], cpu: ["x64"] }],
    ["@fast/binding-linux-arm-musleabihf", { os: ["linux"], cpu: ["arm"], libc: ["musl"] }],
    ["@fast/binding-linux-riscv64-gnu", { os: ["linux"], cpu: ["riscv64"], libc: ["glibc"] }],
  ] as const)("%s gets its platform from its name", ([name, platform]) => {
    const { packages } = completeLock(lockOf({ [name]: "1.2.3" }));
    expect(packages[`node_modules/${name}`]).toEqual({ version: "1.2.3", dev: true, optional: true, ...platform });
  });

  test("stands inside its parent where another version stands beside it", () => {
    const others = { "node_modules/@fast/linux-x64": { version: "0.9.0" } };
    const { packages } = completeLock(lockOf({ "@fast/linux-x64": "1.0.0" }, others));
    expect(packages["node_modules/@fast/linux-x64"]).toEqual({ version: "0.9.0" });
    expect(packages[`${PARENT}/node_modules/@fast/linux-x64`]).toMatchObject({ version: "1.0.0" });
  });

  test("L1 is added once", () => {
    const once = completeLock(lockOf({ "@fast/linux-x64": "1.0.0" }));
    expect(completeLock(once)).toBe(once);
  });

  test("L2 leaves every other entry as it was, in npm's order", () => {
    const before = lockOf({ "@fast/linux-x64": "1.0.0" }, { "node_modules/zebra": { version: "3.0.0" } });
    const { packages } = completeLock(before);
    expect(packages).toMatchObject(before.packages);
    expect(Object.keys(packages)).toEqual(["", "node_modules/@fast/linux-x64", PARENT, "node_modules/zebra"]);
  });

  test("is refused when its name says no platform or its version is a range", () => {
    expect(() => completeLock(lockOf({ "@fast/native": "1.0.0" }))).toThrow("which platform");
    expect(() => completeLock(lockOf({ "@fast/linux-x64": "^1.0.0" }))).toThrow("range");
  });
});
