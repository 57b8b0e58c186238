/**
 * Sentences about secrets that are read from files: what is run with one, and where it lies.
 *
 * @module
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { authorityFile } from "../../../src/hosts/cluster/key-file.ts";
import { keeper } from "../../support/keeper.ts";
import { temporaryFolder } from "../../support/temporary.ts";
import { step, type World } from "../world.ts";

function fileOf(text: string, mode: number): string {
  const file = join(temporaryFolder(), "secret");
  writeFileSync(file, text);
  // As it is written: 640 is 0o640.
  chmodSync(file, Number.parseInt(String(mode), 8));
  return file;
}

/** Somewhere else than the node: it knows the door and its authority, and has the key from a file alone. */
function runElsewhere(world: World, file: string): void {
  const { ready, home } = world.node;
  const queen = ready.url.replace("0.0.0.0", "127.0.0.1");
  const env = { RBEE_QUEEN: queen, NODE_EXTRA_CA_CERTS: authorityFile(home), RBEE_TOKEN_FILE: file };
  world.program = keeper(["status"], { env });
}

step("the status is asked for elsewhere, with the key {string} in a file of mode {int}", (world, name, mode) =>
  runElsewhere(world, fileOf(`${world.keys.get(name)}\n`, mode)),
);
step("a node starts whose token for the hub is in a file that holds {string}", (world, text) => {
  const file = fileOf(JSON.parse(`"${text}"`) as string, 600);
  world.program = keeper(["node", "--listen", "127.0.0.1:0"], { home: world.home, env: { HF_TOKEN_FILE: file } });
});
step("stderr holds nothing of {string}", ({ program }, text) => expect(program.stderr).not.toContain(text));
step("stderr holds nothing of the key {string}", ({ program, keys }, name) => {
  expect(program.stderr).not.toContain(keys.get(name));
});
