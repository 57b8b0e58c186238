/**
 * Goal: what a machine says of itself is read or refused, and none that could not run rbee is sent it.
 * Method: words as machines of several kinds say them; the script itself runs in
 *         test/integration/setup-over-ssh.test.ts.
 *
 * @see src/cli/setup/far-machine.ts, FM1 FM2
 */
import { describe, expect, test } from "vitest";
import { checkFit, machineIn, type NodeNeeds, ownNeeds } from "../../../../src/cli/setup/far-machine.ts";
import { errorData } from "../../../../src/protocol/errors.ts";

const WORDS = {
  root: "/home/bee/.local/share/rbee-hive",
  system: "Linux",
  processor: "x86_64",
  libc: "glibc 2.36",
  disk: "/dev/sda1  1000000  400000  600000  40% /home",
  tar: "yes",
  connection: "192.0.2.1 50000 192.0.2.2 22",
  whole: "yes",
};
type Words = Readonly<Record<string, string | undefined>>;
const said = (more: Words = {}): string =>
  Object.entries({ ...WORDS, ...more })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}\n`]))
    .join("");
const machine = (more: Words = {}): ReturnType<typeof machineIn> => machineIn(said(more), "");
const X64: NodeNeeds = { platform: "linux", arch: "x64", glibc: "2.28" };

const refusal = (act: () => unknown): string => {
  try {
    act();
    return "fits";
  } catch (thrown) {
    const { code, message } = errorData(thrown);
    return `${code}: ${message}`;
  }
};

describe("what a machine says", () => {
  test("is read, behind whatever a login greets with", () => {
    expect(machineIn(`Welcome!\n\nLast login: never\n${said({ current: "0.1.0-abc", nvidia: "yes" })}`, "")).toEqual({
      root: "/home/bee/.local/share/rbee-hive",
      system: "Linux",
      processor: "x86_64",
      libc: "glibc 2.36",
      freeBytes: 600_000 * 1024,
      hasTar: true,
      hasNvidia: true,
      hasVulkan: false,
      current: "0.1.0-abc",
      isMember: false,
      seen: { here: "192.0.2.1", there: "192.0.2.2" },
    });
  });

  test("FM2 is refused as ssh.foreign where it is not what was asked for", () => {
    const wrong = [
      { root: undefined },
      { root: "home" },
      { whole: undefined },
      { current: "../../etc" },
      { tar: "no" },
    ];
    for (const more of [...wrong, { system: "x".repeat(100) }, { root: `/${"x".repeat(3_000)}` }])
      expect(refusal(() => machine(more))).toContain("ssh.foreign");
    expect(refusal(() => machineIn("This account is not available.", "exit code 1"))).toContain("exit code 1");
    expect([machine({ disk: "nothing" }).freeBytes, machine({ connection: "" }).seen]).toEqual([undefined, undefined]);
  });
});

describe("FM1 setup.platform", () => {
  test.each<[string, Words, NodeNeeds]>([
    ["it runs Darwin", { system: "Darwin" }, X64],
    ["its processor is aarch64", { processor: "aarch64" }, X64],
    ["its libc is glibc 2.27", { libc: "glibc 2.27" }, X64],
    ["its libc is glibc 1.99", { libc: "glibc 1.99" }, X64],
    ["its libc is musl", { libc: "musl" }, X64],
    ["its libc is another", { libc: undefined }, X64],
    ["needs musl", {}, { ...X64, glibc: undefined }],
    ["no tar", { tar: undefined }, X64],
    ["this machine runs darwin", {}, { ...X64, platform: "darwin" }],
  ])("%s is told before anything is sent", (why, more, needs) => {
    const told = refusal(() => checkFit(machine(more), needs));
    expect(told).toContain("setup.platform: ");
    expect(told).toContain(why);
  });

  test("what can run it is sent it", () => {
    for (const libc of ["glibc 2.28", "glibc 2.36", "glibc 3.0"]) checkFit(machine({ libc }), X64);
    checkFit(machine({ processor: "aarch64" }), { ...X64, arch: "arm64" });
    checkFit(machine({ libc: "musl" }), { ...X64, glibc: undefined });
    expect(ownNeeds()).toMatchObject({ platform: process.platform, arch: process.arch });
  });
});
