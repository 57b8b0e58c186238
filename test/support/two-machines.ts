/**
 * Two real nodes in homes of their own, joined as a person joins them: alpha has the queen, beta is a member.
 *
 * @module
 */
import { join } from "node:path";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import { LAUNCHER } from "./keeper.ts";
import { type NodeSetup, startNode, type TestNode } from "./node-harness.ts";
import { temporaryFolder } from "./temporary.ts";

export interface TwoMachines {
  readonly queen: TestNode;
  readonly beta: TestNode;
  /** Of beta. */
  readonly home: string;
}

export const tokenFrom = async (queen: TestNode): Promise<string> =>
  tokenCreated.parse((await queen.call("POST", "/v2/tokens", { host: "127.0.0.1" })).json()).token;

/** A door that strangers reach: it speaks TLS alone, and asks for a key. */
export const EVERYWHERE = ["--name", "alpha", "--listen", "0.0.0.0:0"];

/** @param token none where it has joined already */
export function startMember(
  home: string,
  { token, name = "beta", ...setup }: Pick<NodeSetup, "env"> & { readonly token?: string; readonly name?: string } = {},
): Promise<TestNode> {
  const given = token === undefined ? [] : [token];
  const args = ["join", ...given, "--name", name, "--listen", "127.0.0.1:0", "--json"];
  return startNode({ ...setup, home, program: [LAUNCHER, ...args], args: [] });
}

export async function twoMachines({
  queen: queens = {},
  member = {},
}: { queen?: NodeSetup; member?: Pick<NodeSetup, "env"> } = {}) {
  const queen = await startNode({ args: ["--name", "alpha", "--listen", "127.0.0.1:0"], ...queens });
  const home = join(temporaryFolder(), "home");
  const beta = await startMember(home, { ...member, token: await tokenFrom(queen) });
  return { queen, beta, home } satisfies TwoMachines;
}
