/**
 * The machines that were set up from here: how SSH finds each, and what was installed there.
 *
 * Owns: the file `cluster/nodes.json` of the home. Does not own: which machines are in the cluster, and how they fare:
 * the queen knows (`rbee status`), whoever set them up.
 *
 *  NR1 The file is whole at every moment, its owner's alone, and of this shape; another is refused, never mended.
 *  NR2 Of two keepers that change it at once none undoes what the other did.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { clusterDirOf, readPrivately, unusable } from "../../hosts/cluster/key-file.ts";
import { lockFile } from "../../hosts/real/file-lock.ts";
import { prepareHome, runDirOf } from "../../hosts/real/home-folder.ts";
import { sshPlace } from "../../net/ssh/place.ts";
import { RbeeError } from "../../protocol/errors.ts";
import { writePrivately } from "../../runtime/config/private-file.ts";
import { NODE_NAME } from "../../runtime/config/settings.ts";

const NODES_MAX = 1_000;
const LOCK_WITHIN_MS = 5_000;
const LOCK_POLL_MS = 20;

const installation = z.strictObject({
  /** Names the folder over there: version and digest of what was sent. */
  build: z.string().max(100),
  version: z.string().max(50),
  at: z.iso.datetime(),
  /** Absolute, over there. */
  root: z.string().startsWith("/").max(4096),
  bytes: z.int().nonnegative(),
  /** What models can run on there, as it said itself. */
  backends: z.array(z.string().max(50)).max(20),
});
export type Installation = z.infer<typeof installation>;

const registeredNode = z.strictObject({
  name: z.string().regex(NODE_NAME),
  ssh: sshPlace,
  addedAt: z.iso.datetime(),
  installed: installation.nullable(),
});
export type RegisteredNode = z.infer<typeof registeredNode>;

const registryFile = z.strictObject({ schemaVersion: z.literal(1), nodes: z.array(registeredNode).max(NODES_MAX) });

const fileOf = (home: string): string => join(clusterDirOf(home), "nodes.json");

/** NR1. @throws RbeeError home.unusable */
export function registeredNodes(home: string): readonly RegisteredNode[] {
  const file = fileOf(home);
  const text = readPrivately(file);
  if (text === undefined) return [];
  try {
    return registryFile.parse(JSON.parse(text)).nodes;
  } catch {
    throw unusable(file, "is no registry of nodes");
  }
}

/** @throws RbeeError setup.node.unknown */
export function nodeCalled(home: string, name: string): RegisteredNode {
  const nodes = registeredNodes(home);
  const found = nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  const names = nodes.map((node) => node.name).join(", ") || "none";
  throw new RbeeError("setup.node.unknown", `no node ${name} was set up from here; there is ${names}`, { name });
}

/** NR1, NR2. What `change` throws leaves all as it was. */
export async function changeNodes(
  home: string,
  change: (nodes: readonly RegisteredNode[]) => readonly RegisteredNode[],
): Promise<void> {
  prepareHome(home);
  const lock = await locked(join(runDirOf(home), "nodes.lock"));
  try {
    const file = registryFile.parse({ schemaVersion: 1, nodes: change(registeredNodes(home)) });
    writePrivately(fileOf(home), `${JSON.stringify(file, undefined, 2)}\n`);
  } finally {
    lock.release();
  }
}

async function locked(path: string): Promise<{ release(): void }> {
  for (const giveUpAt = performance.now() + LOCK_WITHIN_MS; ; await pause(LOCK_POLL_MS)) {
    const lock = lockFile(path);
    if (lock !== undefined) return lock;
    if (performance.now() > giveUpAt) throw new RbeeError("home.held", `another program changes ${path} for too long`);
  }
}
