/**
 * One of a family: a root forks four children, each child forks a leaf. Each leaves a file when it has forked its own.
 * Arguments: role, folder, name, then `block` if the main loop is never to run again after that.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { realProcesses } from "../../src/hosts/real/processes.ts";

const CHILDREN = 4;
const [role = "root", home = "", name = "root", ...traits] = process.argv.slice(2);

const inherited = ["PATH", "RBEE_TEST_ROUND"].map((variable) => [variable, process.env[variable] ?? ""] as const);
const processes = realProcesses({ home, runDir: join(home, "run"), env: Object.fromEntries(inherited) });

const forkOne = (childRole: string, token: string, line: string) =>
  processes.fork(
    { token, entry: import.meta.filename, args: [childRole, home, token, ...traits], env: { RBEE_TEST_LINE: line } },
    { onFrame: () => {}, onClosed: () => {} },
  );

if (role === "root") {
  const tokens = Array.from({ length: CHILDREN }, (_, index) => `${name}-${index}`);
  await Promise.all(tokens.map((token) => forkOne("child", token, token)));
}
if (role === "child") await forkOne("leaf", `${name}-leaf`, name);
writeFileSync(join(home, `${name}.ready`), "");
if (role !== "root" && traits.includes("block")) for (;;);
setInterval(() => {}, 1_000);
