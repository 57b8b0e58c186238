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

/** The configuration of a machine whose models they are. */
export const settingsFor = ({ url }: ThinkingServer): string =>
  `model: {default: "${MODEL}"}\nendpoints:\n  box: {url: "${url}"}\n`;

export interface ThinkingNode {
  readonly server: ThinkingServer;
  readonly setup: NodeSetup;
  readonly node: TestNode;
}

export async function thinkingNode(given: Omit<NodeSetup, "home">, within = temporaryFolder()): Promise<ThinkingNode> {
  const server = await ThinkingServer.start();
  const home = join(within, "home");
  mkdirSync(home);
  writeFileSync(join(home, "config.yaml"), settingsFor(server));
  const setup = { ...given, home };
  return { server, setup, node: await startNode(setup) };
}
