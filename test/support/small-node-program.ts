/**
 * A node that believes it has so much memory and no more, all of it free: as bounds are reached without filling a real
 * machine, whatever else runs on it.
 *
 * Its first argument is that many bytes; a second one, unless it is "", names a file that says how many of them other
 * programs hold; a third one is the memory of a card. The rest comes from the environment as for any node.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { startNode } from "../../src/hosts/node.ts";
import { loadConfig } from "../../src/runtime/config/load.ts";
import { findPaths } from "../../src/runtime/config/paths.ts";
import { cpu, gpu } from "./memory.ts";

const { env } = process;
const [totalBytes, othersFile = "", cardBytes] = [
  Number(process.argv[2]),
  process.argv[3],
  Number(process.argv[4] ?? 0),
];
const othersBytes = (): number => (othersFile === "" ? 0 : Number(readFileSync(othersFile, "utf8")));
const cards = cardBytes > 0 ? [gpu("cuda", cardBytes)] : [];
const node = await startNode({
  config: loadConfig({ flags: { listen: "127.0.0.1:0", "memory.headroom": "0B" }, env, cwd: process.cwd() }).config,
  paths: findPaths(env, process.cwd()),
  room: () => [...cards, cpu(totalBytes, totalBytes - othersBytes())],
  log: (line) => void process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(node.ready)}\n`);
