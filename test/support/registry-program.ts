/**
 * Adds machines to the registry of a home, one by one: `node registry-program.ts HOME NAME COUNT`.
 *
 * @module
 */
import { changeNodes } from "../../src/cli/setup/node-registry.ts";

const [home = "", name = "", count] = process.argv.slice(2);
for (let at = 0; at < Number(count); at++) {
  const node = { name: `${name}${at}`, ssh: { host: "far" }, addedAt: "2026-01-01T00:00:00.000Z", installed: null };
  await changeNodes(home, (nodes) => [...nodes, node]);
}
