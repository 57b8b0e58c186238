/**
 * Goal: what travels is what the program needs to run there, and no more; its name says all that it is made of.
 * Method: small trees of packages. This checkout is held against npm's own record in parcel-of-checkout.test.ts.
 *
 * @see src/cli/setup/parcel.ts, PC1 PC2
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeParcel, neededPackages } from "../../../../src/cli/setup/parcel.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const PLAIN = { hasNvidia: false, hasVulkan: false };
const pathsOf = (root: string, drivers = PLAIN): string[] => neededPackages(root, drivers).map(({ path }) => path);

/** A tree of packages: paths below it, each with what its manifest says beside its name. */
function treeOf(manifests: Readonly<Record<string, object>>): string {
  const root = temporaryFolder();
  for (const [path, more] of Object.entries(manifests)) {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, "package.json"), JSON.stringify({ name: path, version: "1.0.0", ...more }));
  }
  return root;
}

describe("a tree of packages", () => {
  const linux = { os: ["linux"], cpu: [process.arch] };
  const makeTree = (): string =>
    treeOf({
      "": {
        dependencies: { a: "1" },
        optionalDependencies: { "a-cuda": "1", "a-vulkan": "1", gone: "1" },
        devDependencies: { dev: "1" },
      },
      "node_modules/a": {
        dependencies: { b: "1", inner: "1" },
        optionalDependencies: { mac: "1", "lib-linux-mips": "1" },
        devDependencies: { dev: "1" },
      },
      "node_modules/a/node_modules/inner": { dependencies: { c: "1" } },
      "node_modules/b": {
        ...linux,
        dependencies: { a: "1" },
        peerDependencies: { peer: "1", shy: "1" },
        peerDependenciesMeta: { shy: { optional: true } },
      },
      "node_modules/c": { os: ["!win32"] },
      "node_modules/mac": { os: ["darwin"] },
      "node_modules/lib-linux-mips": {},
      "node_modules/peer": {},
      "node_modules/shy": {},
      "node_modules/dev": {},
      "node_modules/a-cuda": {},
      "node_modules/a-vulkan": {},
    });

  test("PC1 gives those that are needed there, also what needs each other, and no development tools", () => {
    const tree = makeTree();
    const all = ["a", "b", "c", "peer"].map((name) => `node_modules/${name}`);
    expect(pathsOf(tree)).toEqual(all);
    expect(pathsOf(tree, { hasNvidia: true, hasVulkan: false })).toEqual([
      "node_modules/a",
      "node_modules/a-cuda",
      ...all.slice(1),
    ]);
    expect(pathsOf(tree, { hasNvidia: false, hasVulkan: true })).toContain("node_modules/a-vulkan");
  });

  test("PC2 one letter more, or one package of another version, is another build", () => {
    const tree = makeTree();
    const name = (): string => makeParcel(tree, PLAIN).build;
    const before = name();
    expect(before).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(name()).toBe(before);
    writeFileSync(join(tree, "node_modules/c/package.json"), JSON.stringify({ name: "c", version: "1.0.1" }));
    const updated = name();
    mkdirSync(join(tree, "src"));
    writeFileSync(join(tree, "src", "x.ts"), "1");
    expect(new Set([before, updated, name()]).size).toBe(3);
  });

  test("setup.source: a package that is needed and not here cannot be taken elsewhere", () => {
    const root = treeOf({ "": { dependencies: { gone: "1" } } });
    let code = "";
    try {
      makeParcel(root, PLAIN);
    } catch (thrown) {
      ({ code } = errorData(thrown));
    }
    expect(code).toBe("setup.source");
  });
});
