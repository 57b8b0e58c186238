/**
 * A small disk of a test's own, which can be filled: a tmpfs, for tests that run as root on Linux.
 *
 * @module
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { needs } from "./needs.ts";
import { temporaryFolder } from "./temporary.ts";

/** Options that skip a test where no disk can be mounted. */
export function needsDisk(): ReturnType<typeof needs> {
  const tools = needs("mount", "umount", "unshare");
  if (tools.skip) return tools;
  const may = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
  return may ? tools : { skip: true, meta: { missing: ["root, to mount a disk"] } };
}

export interface SmallDisk {
  readonly path: string;
  /** Takes all room but so much. */
  fill(leaveBytes: number): void;
  /** Gives back what `fill` took. */
  free(): void;
}

export function smallDisk(bytes: number): SmallDisk {
  const path = join(temporaryFolder(), "disk");
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]);
  // Lazily: whoever still has a file open there is about to end.
  onTestFinished(() => void execFileSync("umount", ["--lazy", path]));
  const ballast = join(path, "ballast");
  const free = (): void => rmSync(ballast, { force: true });
  return {
    path,
    free,
    fill(leaveBytes) {
      free();
      const file = openSync(ballast, "w");
      try {
        const { bavail, bsize } = statfsSync(path);
        for (let left = bavail * bsize - leaveBytes; left > 0; left -= CHUNK.length)
          writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
    },
  };
}

const CHUNK = Buffer.alloc(64 * 1024, 1);
