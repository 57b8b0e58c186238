/**
 * Sentences about other machines, which are set up over SSH: what is done, and what is found there then.
 *
 * @see src/cli/commands/setup.ts, ST1 ST3; all of it, with what is found over there, is in test/e2e/setup.test.ts
 * @module
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { type Keeper, keeper } from "../../support/keeper.ts";
import { needs } from "../../support/needs.ts";
import { SshServer } from "../../support/ssh-server.ts";
import { step, type World } from "../world.ts";

const listed = z.object({
  nodes: z.array(
    z.object({
      name: z.string(),
      installed: z.object({ build: z.string(), backends: z.array(z.string()) }).nullable(),
    }),
  ),
});

/** At the queen's home, where there is one. */
function run(world: World, line: string): Keeper {
  const [, ...args] = line.split(" ");
  const home = world.nodes.length > 0 ? world.node.home : world.home;
  world.program = keeper(args, { home, env: { HOME: world.server.clientHome, SSH_AUTH_SOCK: "" } });
  return world.program;
}

async function done(world: World, line: string): Promise<string> {
  const program = run(world, line);
  expect(await program.exitCode, program.stderr + program.stdout).toBe(0);
  return program.stdout;
}

const nodesOf = async (world: World): Promise<z.infer<typeof listed>["nodes"]> =>
  listed.parse(JSON.parse(await done(world, "rbee setup list-nodes --json"))).nodes;

step("a machine with nothing but sshd", async (world) => {
  world.missing = needs("sshd", "ssh").meta.missing;
  if (world.missing.length === 0) world.server = await SshServer.started();
});
step("that machine takes connections and says nothing", async ({ server }) => {
  await server.stop();
  const silent = createServer(() => {}).listen(server.port, "127.0.0.1");
  onTestFinished(() => void silent.close());
});
step("that machine takes the key no more", ({ server }) => writeFileSync(server.path("authorized"), ""));
step("that machine lets nobody have a shell", async (world) => {
  world.server = await SshServer.started({ lines: ["ForceCommand echo This account is not available.; exit 1"] });
});
step("that machine is gone", ({ server }) => server.stop());

step("{string} succeeds", done);
step("{string} fails with {string}", async (world, line, code) => {
  const program = run(world, line);
  expect(await program.exitCode).not.toBe(0);
  expect(program.stderr).toContain(`rbee: ${code}: `);
});
step("{string} prints {string}", async (world, line, text) => expect(await done(world, line)).toBe(`${text}\n`));

step("{string} tells of {string} and that nothing is installed there", async (world, line, name) => {
  expect(await nodesOf(world)).toMatchObject([{ name, installed: null }]);
  expect(await done(world, line)).toMatch(new RegExp(`^${name} .* - +-$`, "m"));
});
