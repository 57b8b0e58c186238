/**
 * Goal: whatever Node a person has, `rbee` runs on a suitable one, behaves as one process, and leaves nothing behind.
 * Method: the real bin/rbee.mjs in small checkouts; the CLI behind it is test/support/launched-program.ts. Tests that
 * need a second Node run where the machine's own is too old for the sources. R1-R3 are those of bin/rbee.mjs.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { bringNode, makeCheckout, npm, oldNode, run, start } from "../support/checkout.ts";
import { isAlive, waitUntil } from "../support/children.ts";
import { needs } from "../support/needs.ts";

const DEATH_MAX_MS = 500;
const HELP_OVERHEAD_MAX_MS = 150;
const HELP_WITHIN_MS = 20_000;

const old = oldNode() ?? "";
const needsOldNode = { skip: old === "", meta: { missing: old === "" ? ["a Node older than 22.18"] : [] } };

function installedCheckout(): string {
  const root = makeCheckout();
  npm(root, "ci", "--offline");
  bringNode(root);
  return root;
}

/** The facts that the launched program prints, one after the other. */
function factsOf(child: ChildProcessWithoutNullStreams): () => Promise<Record<string, unknown>> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
}

describe("help", () => {
  test.for([
    [["--help"], "Commands:"],
    [["help"], "Commands:"],
    [["worker", "--help"], "rbee worker COMMAND"],
    [["help", "worker", "spawn"], "rbee worker spawn"],
    [["daemon", "--help"], "rbee daemon COMMAND"],
    [["infer", "--prompt", "x", "-h"], "rbee infer"],
    [["worker", "list", "--version"], "rbee 0.1.0"],
  ] as const)("R1 `rbee %s` starts no second Node and installs nothing", needsOldNode, async ([args, expected]) => {
    const root = makeCheckout();
    const { code, stdout, stderr } = await run(root, old, ["bin/rbee.mjs", ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(expected);
    expect(existsSync(join(root, "node_modules"))).toBe(false);
  });

  test("help costs at most 150 ms more than an empty program", needsOldNode, async () => {
    const root = makeCheckout();
    const msOf = async (...args: readonly string[]): Promise<number> => {
      const startedAt = performance.now();
      await run(root, old, args);
      return performance.now() - startedAt;
    };
    // What a run costs is the least that it ever takes: the rest is what else the machine does.
    const least = { empty: Infinity, help: Infinity };
    await waitUntil(async () => {
      least.empty = Math.min(least.empty, await msOf("-e", "0"));
      least.help = Math.min(least.help, await msOf("bin/rbee.mjs", "--help"));
      return least.help - least.empty < HELP_OVERHEAD_MAX_MS;
    }, HELP_WITHIN_MS);
  });
});

describe("under a Node that is too old", () => {
  test("argv and stdin reach the CLI and its answer is all there is on stdout", needsOldNode, async () => {
    const root = installedCheckout();
    const { code, stdout, stderr } = await run(root, old, ["bin/rbee.mjs", "echo", "a b", "--c"], "the question");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { argv, node, stdin, env } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ argv, node, stdin }).toEqual({
      argv: ["echo", "a b", "--c"],
      node: process.versions.node,
      stdin: "the question",
    });
    expect(env).not.toContain("RBEE_LIFELINE_FD");
  });

  test.for([
    [["exit", "0"], 0],
    [["exit", "42"], 42],
    [["die", "SIGKILL"], 137],
    [["die", "SIGTERM"], 143],
  ] as const)("R3 a CLI that ends by `%s` gives exit code %i", needsOldNode, async ([args, expected]) => {
    const { code } = await run(installedCheckout(), old, ["bin/rbee.mjs", ...args]);
    expect(code).toBe(expected);
  });

  test("TERM, HUP and an INT that no terminal sent are passed on", needsOldNode, async () => {
    const child = start(installedCheckout(), old, ["bin/rbee.mjs", "listen"]);
    const next = factsOf(child);
    await next();
    for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) {
      child.kill(signal);
      expect(await next()).toEqual({ signal });
    }
    await waitUntil(() => child.exitCode === 143, 2_000);
  });

  test("under a terminal, which sends Ctrl-C to everyone, INT is not passed on", needs("script"), async ({ skip }) => {
    if (old === "") skip();
    const line = `${old} bin/rbee.mjs listen & echo "{\\"launcher\\":$!}"; wait`;
    const child = start(installedCheckout(), "script", ["-qec", line, "/dev/null"]);
    const next = factsOf(child);
    const launcher = Number((await next())["launcher"]);
    await next();
    process.kill(launcher, "SIGINT");
    process.kill(launcher, "SIGHUP");
    expect(await next()).toEqual({ signal: "SIGHUP" });
    process.kill(launcher, "SIGTERM");
    expect(await next()).toEqual({ signal: "SIGTERM" });
  });

  test.for([[["SIGKILL"]], [["SIGSTOP", "SIGKILL"]]] as const)(
    "R2 a CLI busy in its own loop dies with a launcher that gets %s, also where the kernel does not help",
    needsOldNode,
    async ([signals]) => {
      const pathWithoutSetpriv = "/nonexistent";
      const child = start(installedCheckout(), old, ["bin/rbee.mjs", "block"], pathWithoutSetpriv);
      const pid = Number((await factsOf(child)())["pid"]);
      for (const signal of signals) child.kill(signal);
      await waitUntil(() => !isAlive(pid), DEATH_MAX_MS);
    },
  );

  test("R2 a CLI that is stopped dies too, where the kernel helps", needs("setpriv"), async ({ skip }) => {
    if (old === "") skip();
    const child = start(installedCheckout(), old, ["bin/rbee.mjs", "block"]);
    const pid = Number((await factsOf(child)())["pid"]);
    process.kill(pid, "SIGSTOP");
    child.kill("SIGKILL");
    await waitUntil(() => !isAlive(pid), DEATH_MAX_MS);
  });

  test("what is missing is installed first, and the question still arrives", needsOldNode, async () => {
    const root = installedCheckout();
    rmSync(join(root, "node_modules", "pollen"), { recursive: true });
    // npm ci takes away the Node among the packages; this checkout has no package that would bring it back.
    const { code, stdout, stderr } = await run(root, old, ["bin/rbee.mjs", "echo"], "the question");
    expect(stderr).toContain("installing packages");
    expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
    bringNode(root);
    expect((await run(root, old, ["bin/rbee.mjs", "echo"], "the question")).stdout).toContain("the question");
  });

  test.for(["ignore-scripts", "allow-scripts"])(
    "without a suitable Node one line names the setting %s and the exit code is 69",
    needsOldNode,
    async (setting) => {
      const root = installedCheckout();
      rmSync(join(root, "node_modules", "node", "bin"), { recursive: true });
      if (setting === "ignore-scripts") writeFileSync(join(root, ".npmrc"), "ignore-scripts=true\n");
      const { code, stdout, stderr } = await run(root, old, ["bin/rbee.mjs", "echo"]);
      expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^rbee: needs Node 22\\.18 or newer, this is [^\\n]*${setting}[^\\n]*\\n$`));
    },
  );
});

describe("under a suitable Node", () => {
  test("the CLI runs in the launcher's own process", async () => {
    const root = installedCheckout();
    const child = start(root, process.execPath, ["bin/rbee.mjs", "listen"]);
    expect(await factsOf(child)()).toEqual({ pid: child.pid });
    child.kill("SIGTERM");
    await waitUntil(() => child.exitCode === 143, 2_000);
  });

  test("no other Node is needed among the packages", async () => {
    const root = makeCheckout();
    npm(root, "ci", "--offline");
    expect((await run(root, process.execPath, ["bin/rbee.mjs", "exit", "7"])).code).toBe(7);
  });
});
