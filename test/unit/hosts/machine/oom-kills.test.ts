/**
 * Goal: kills for want of memory are counted where the kernel counts them closest to the worker.
 *
 * @see src/hosts/machine/oom-kills.ts
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { oomKills } from "../../../../src/hosts/machine/oom-kills.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

function machine(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const VMSTAT = { "proc/vmstat": "pgmajfault 3\noom_kill 7\ndrop_pagecache 0\n" };
const GROUP = { "proc/self/cgroup": "4:memory:/x\n0::/user.slice/rbee\n" };

test.each([
  [
    "its own control group, where that counts",
    { ...VMSTAT, ...GROUP, "sys/fs/cgroup/user.slice/rbee/memory.events": "oom 2\noom_kill 1\n" },
    { count: 1, by: "its control group" },
  ],
  ["the kernel, where its group does not count", { ...VMSTAT, ...GROUP }, { count: 7, by: "the kernel" }],
  ["nobody, where neither does", {}, undefined],
])("kills for want of memory are counted by %s", (_by, files, expected) => {
  expect(oomKills(machine(files))).toEqual(expected);
});
