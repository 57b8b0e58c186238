/**
 * Goal: a fresh checkout installs itself once, quietly, whoever comes first and however many come at once.
 * Method: the real bin/install.mjs and the real npm in small checkouts, whose one package is a local tarball.
 * The numbers I1-I4 are those of bin/install.mjs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCheckout, makePackage, npm, run, shellPath, writeManifest, type Ended } from "../support/checkout.ts";

const install = (root: string): Promise<Ended> => run(root, process.execPath, ["bin/install.mjs"]);
/** With no npm to be found, so that whatever still succeeds did nothing. */
const installWithoutNpm = (root: string): Promise<Ended> =>
  run(root, "/usr/bin/env", [`PATH=${dirname(process.execPath)}`, process.execPath, "bin/install.mjs"]);
const versionOf = (root: string, name: string): unknown => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"));
  return (manifest as { version: unknown }).version;
};

describe("installing a checkout", () => {
  test("I1 stdout stays clean and one line on stderr says what takes so long", async () => {
    const root = makeCheckout();
    const { code, stdout, stderr } = await install(root);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "",
      stderr: "rbee: installing packages (first run, about a minute)...\n",
    });
    expect(versionOf(root, "pollen")).toBe("1.0.0");
  });

  test("I1 stdin is left for whoever comes next, even where npm is one that would read it", async () => {
    const root = makeCheckout();
    mkdirSync(join(root, "greedy"));
    const npmOnPath = shellPath
      .split(delimiter)
      .map((folder) => join(folder, "npm"))
      .find(existsSync);
    writeFileSync(join(root, "greedy", "npm"), `#!/bin/sh\ncat > /dev/null\nexec "${npmOnPath}" "$@"\n`, {
      mode: 0o755,
    });
    const line = `PATH="$PWD/greedy:$PATH"; "${process.execPath}" bin/install.mjs; cat`;
    const { stdout } = await run(root, "/bin/sh", ["-c", line], "the question");
    expect(stdout).toBe("the question");
    expect(versionOf(root, "pollen")).toBe("1.0.0");
  });

  test("a second run finds everything done and says nothing", async () => {
    const root = makeCheckout();
    await install(root);
    expect(await installWithoutNpm(root)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a changed lock is installed", async () => {
    const root = makeCheckout();
    await install(root);
    makePackage(root, "pollen", "1.1.0");
    writeManifest(root, { pollen: "file:pollen-1.1.0.tgz" });
    expect((await install(root)).code).toBe(0);
    expect(versionOf(root, "pollen")).toBe("1.1.0");
  });

  test("a package that is not in the lock yet is installed and locked", async () => {
    const root = makeCheckout();
    makePackage(root, "nectar", "2.0.0");
    const manifest = {
      name: "rbee",
      dependencies: { pollen: "file:pollen-1.0.0.tgz", nectar: "file:nectar-2.0.0.tgz" },
    };
    writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
    expect((await install(root)).code).toBe(0);
    expect(versionOf(root, "nectar")).toBe("2.0.0");
    expect(await installWithoutNpm(root)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("I2 of two at once one installs and the other waits for it", async () => {
    const root = makeCheckout();
    const both = await Promise.all([install(root), install(root)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const lines = both.map(({ stderr }) => stderr.split(" ")[1]);
    expect(lines.toSorted()).toEqual(["installing", "waiting"]);
  });

  test("I2 the lock of a dead installer blocks nobody", async () => {
    const root = makeCheckout();
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const lock = join(root, ".rbee-install.lock");
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(pid));
    const both = await Promise.all([install(root), install(root)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ stderr }) => stderr.includes("installing packages (")).length).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  test("I2 a lock without a holder blocks nobody", async () => {
    const root = makeCheckout();
    mkdirSync(join(root, ".rbee-install.lock"));
    expect((await install(root)).code).toBe(0);
  });

  test("I3 what a person installed with npm counts", async () => {
    const root = makeCheckout();
    npm(root, "ci", "--offline");
    expect(await installWithoutNpm(root)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a failing npm is quoted, the exit code is 1 and the next one may try", async () => {
    const root = makeCheckout();
    const manifest = { name: "rbee", dependencies: { pollen: "file:nowhere.tgz" } };
    writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
    const { code, stdout, stderr } = await install(root);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("installing packages failed");
    expect(stderr).toContain("ENOENT");
    expect(existsSync(join(root, ".rbee-install.lock"))).toBe(false);
  });
});
