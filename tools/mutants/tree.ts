/**
 * A copy of the working tree, where mutants are planted: the tree itself is never touched.
 *
 * Owns: what is copied, where to, and that it is gone when the process is. Does not own: what is run in it.
 *
 *  T1 The copy holds what git tracks and what it does not ignore, as it is on disk now.
 *  T2 Packages are links, each of its own, so that whatever a test runner keeps beside them stays in the copy.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Mutant, planted } from "./mutant.ts";

export function copyTree(root: string): string {
  const tree = mkdtempSync(join(tmpdir(), "rbee-mutants-"));
  process.once("exit", () => rmSync(tree, { recursive: true, force: true }));
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root });
  for (const path of new Set(listed.toString().split("\0"))) {
    // One that was deleted and not yet committed is still tracked.
    if (path === "" || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(join(root, path), join(tree, path));
  }
  linkPackages(root, tree);
  return tree;
}

export function linkPackages(root: string, tree: string): void {
  const packages = join(tree, "node_modules");
  mkdirSync(packages);
  for (const found of readdirSync(join(root, "node_modules"), { withFileTypes: true })) {
    const [from, to] = [join(root, "node_modules", found.name), join(packages, found.name)];
    if (!found.name.startsWith(".")) symlinkSync(from, to);
    // By these the launcher knows that they are complete: it would install them anew, and take them away first.
    else if (found.isFile()) cpSync(from, to);
  }
}

/** The edit is there while `during` runs, and never after. @throws when the mutant is stale */
export async function withMutant<T>(tree: string, mutant: Mutant, during: () => Promise<T>): Promise<T> {
  const path = join(tree, mutant.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, planted(text, mutant));
  try {
    return await during();
  } finally {
    writeFileSync(path, text);
  }
}
