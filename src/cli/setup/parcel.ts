/**
 * What travels to another machine: the Node that runs here, the program, and the packages it needs to run there.
 *
 *  PC1 Of the packages those travel that the program needs to run, for this system and processor: none of the tools
 *      that it is developed with, and no driver's library where that driver is not.
 *  PC2 A build is named by all of what it is made of: the same name is the same program.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { RbeeError } from "../../protocol/errors.ts";
import { RBEE_VERSION } from "../../protocol/version.ts";

const PROGRAM = ["LICENSE", "bin", "machines", "models", "package.json", "prompts", "src", "tools"];
const DIGEST_LETTERS = 12;

/** By the end of a package's name: what it is of no use without. */
const DRIVERS = [
  { pattern: /-cuda(-ext)?$/, needs: "hasNvidia" },
  { pattern: /-vulkan$/, needs: "hasVulkan" },
] as const;

export interface Drivers {
  readonly hasNvidia: boolean;
  readonly hasVulkan: boolean;
}

export interface Parcel {
  readonly build: string;
  readonly bytes: number;
  /** The folder of this machine's Node, and its name in there. */
  readonly node: { readonly folder: string; readonly name: string };
  /** The program's folder, and what of it travels. */
  readonly root: string;
  readonly paths: readonly string[];
}

const manifest = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).optional(),
});
type Manifest = z.infer<typeof manifest>;

/** @throws RbeeError setup.source: what runs here cannot be taken elsewhere */
export function makeParcel(root: string, drivers: Drivers): Parcel {
  if (Reflect.get(process.config.variables, "node_shared") === true)
    throw noSource("this Node needs a library of this machine beside itself");
  const packages = neededPackages(root, drivers);
  const own = PROGRAM.filter((path) => existsSync(join(root, path)));
  const digest = createHash("sha256").update(process.version);
  for (const { path, version } of packages) digest.update(`${path} ${version}\n`);
  let bytes = lstatSync(process.execPath).size;
  for (const file of filesBelow(root, own)) {
    digest
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
    bytes += lstatSync(join(root, file)).size;
  }
  const paths = packages.map(({ path }) => path);
  for (const file of filesBelow(root, paths)) bytes += lstatSync(join(root, file)).size;
  return {
    build: `${RBEE_VERSION}-${digest.digest("hex").slice(0, DIGEST_LETTERS)}`,
    bytes,
    node: { folder: dirname(process.execPath), name: basename(process.execPath) },
    root,
    paths: [...own, ...paths],
  };
}

interface Package {
  /** Below the root. */
  readonly path: string;
  readonly version: string;
}

/** PC1: from the program's own manifest, each as Node would find it; sorted. */
export function neededPackages(root: string, drivers: Drivers): readonly Package[] {
  const found = new Map<string, Package>();
  const left = [root];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    for (const { name, mayLack } of wantedBy(manifestOf(folder))) {
      const there = lookUp(root, folder, name);
      if (there === undefined && !mayLack) throw noSource(`the package ${name} is not installed`);
      if (there === undefined || found.has(there) || !isOfUse(name, manifestOf(there), drivers)) continue;
      found.set(there, { path: relative(root, there), version: manifestOf(there).version ?? "" });
      left.push(there);
    }
  }
  const packages = [...found.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
  // What lies in the folder of another goes with it.
  return packages.filter(({ path }) => !packages.some((other) => path.startsWith(`${other.path}/`)));
}

/** A package that it gets along without counts only as one of its own. */
function wantedBy({ dependencies = {}, optionalDependencies = {}, ...peers }: Manifest): Wanted[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = peers;
  const needed = Object.keys(dependencies).filter((name) => !Object.hasOwn(optionalDependencies, name));
  const beside = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [
    ...needed.map((name) => ({ name, mayLack: false })),
    ...[...Object.keys(optionalDependencies), ...beside].map((name) => ({ name, mayLack: true })),
  ];
}

interface Wanted {
  readonly name: string;
  readonly mayLack: boolean;
}

/** In the folder itself, or in one above it, up to the root. */
function lookUp(root: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const there = join(folder, "node_modules", name);
    if (existsSync(join(there, "package.json"))) return there;
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

function isOfUse(name: string, { os, cpu }: Manifest, drivers: Drivers): boolean {
  const fits = (allowed: readonly string[] = [], ours: string): boolean =>
    allowed.length === 0 ||
    allowed.includes(ours) ||
    (allowed[0]?.startsWith("!") && !allowed.includes(`!${ours}`)) === true;
  // Some fit everywhere by their manifest, and say in their name alone whose they are.
  const processor = /(?:^|[/-])linux-([a-z0-9]+)/.exec(name)?.[1] ?? process.arch;
  if (!processor.startsWith(process.arch)) return false;
  const driver = DRIVERS.find(({ pattern }) => pattern.test(name));
  return fits(os, process.platform) && fits(cpu, process.arch) && (driver === undefined || drivers[driver.needs]);
}

function manifestOf(folder: string): Manifest {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  } catch {
    throw noSource(`${join(folder, "package.json")} is no manifest`);
  }
}

/** Files and links, each by its path below the root; sorted, so that a digest of them is always the same. */
function* filesBelow(root: string, paths: readonly string[]): Generator<string> {
  for (const path of paths) {
    if (!lstatSync(join(root, path)).isDirectory()) yield path;
    else
      yield* filesBelow(
        root,
        readdirSync(join(root, path))
          .toSorted()
          .map((name) => join(path, name)),
      );
  }
}

const noSource = (why: string): RbeeError => new RbeeError("setup.source", why);
