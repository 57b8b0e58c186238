/**
 * The kernel's count of processes that it killed for want of memory: in this cgroup where there is one, else anywhere.
 *
 * Linux only; elsewhere nothing is known.
 *
 * @module
 */
import { join } from "node:path";
import type { OomKills } from "./oom-watch.ts";
import { kernelText } from "../real/kernel.ts";

export function oomKills(root = "/"): OomKills | undefined {
  return inCgroup(root) ?? counted(join(root, "proc/vmstat"), "the kernel");
}

function inCgroup(root: string): OomKills | undefined {
  // The line of the second version: `0::/path`.
  const path = /^0::(\/.*)$/m.exec(read(join(root, "proc/self/cgroup")))?.[1];
  if (path === undefined) return undefined;
  return counted(join(root, "sys/fs/cgroup", path, "memory.events"), "its control group");
}

function counted(path: string, by: string): OomKills | undefined {
  const count = /^oom_kill (\d+)$/m.exec(read(path))?.[1];
  return count === undefined ? undefined : { count: Number(count), by };
}

const read = (path: string): string => kernelText(path) ?? "";
