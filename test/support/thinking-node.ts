/**
 * A real node whose models are scripted thinkers on loopback.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NodeSetup, startNode, type TestNode } from "./node-harness.ts";
import { temporaryFolder } from "./temporary.ts";
import { ThinkingServer } from "./thinking-server.ts";

/** The model that those thinkers are. */
export const MODEL = "openai:model@box";

export interface ThinkingNode {
  readonly server: ThinkingServer;
  readonly setup: NodeSetup;
  readonly node: TestNode;
}

export async function thinkingNode(given: Omit<NodeSetup, "home">, within = temporaryFolder()): Promise<ThinkingNode> {
  const server = await ThinkingServer.start();
  const home = join(within, "home");
  mkdirSync(home);
  const settings = [`model: {default: "${MODEL}"}`, "endpoints:", `  box: {url: "${server.url}"}`];
  writeFileSync(join(home, "config.yaml"), `${settings.join("\n")}\n`);
  const setup = { ...given, home };
  return { server, setup, node: await startNode(setup) };
}
