/**
 * Two machines of one cluster, for scenarios to share: alpha has the queen, beta has joined her.
 *
 * Owns: which process is each of them at the moment, and starting one of them again as it was. Does not own: when they
 * end (the stage).
 *
 * @module
 */
import { waitUntil } from "../support/children.ts";
import { LAUNCHER } from "../support/keeper.ts";
import type { NodeSetup, TestNode } from "../support/node-harness.ts";
import { tokenFrom } from "../support/two-machines.ts";

const WITHIN_MS = 30_000;

type Launch = (setup: NodeSetup) => TestNode;
export type MachineName = "alpha" | "beta";

export class Cluster {
  readonly #launch: Launch;
  readonly #nodes: Record<MachineName, TestNode>;

  private constructor(launch: Launch, nodes: Record<MachineName, TestNode>) {
    this.#launch = launch;
    this.#nodes = nodes;
  }

  static async started(launch: Launch, [homeOfAlpha, homeOfBeta]: readonly [string, string]): Promise<Cluster> {
    const alpha = await launch({ home: homeOfAlpha, args: alphaAt("0") }).untilReady();
    const beta = await launch(betaIn(homeOfBeta, await tokenFrom(alpha))).untilReady();
    const cluster = new Cluster(launch, { alpha, beta });
    await cluster.untilServing();
    return cluster;
  }

  get queen(): TestNode {
    return this.#nodes.alpha;
  }

  /** @throws where no machine is called so */
  machine(name: string): TestNode {
    if (name !== "alpha" && name !== "beta") throw new Error(`no machine is called ${name}`);
    return this.#nodes[name];
  }

  /** After its end: where it was, in its home; beta by its certificate. */
  async startAgain(name: string): Promise<void> {
    const before = this.machine(name);
    const { home } = before;
    const setup = name === "beta" ? betaIn(home) : { home, args: alphaAt(new URL(before.ready.url).port) };
    this.#nodes[name === "beta" ? name : "alpha"] = await this.#launch(setup).untilReady();
  }

  untilServing(): Promise<number> {
    return waitUntil(async () => (await this.queen.hive("beta"))?.state === "serving", WITHIN_MS);
  }

  async kill(): Promise<void> {
    await Promise.all(Object.values(this.#nodes).map((node) => node.kill()));
  }
}

const alphaAt = (port: string): readonly string[] => ["--name", "alpha", "--listen", `127.0.0.1:${port}`];

const betaIn = (home: string, ...token: readonly string[]): NodeSetup => ({
  home,
  program: [LAUNCHER, "join", ...token, "--name", "beta", "--listen", "127.0.0.1:0", "--json"],
  args: [],
});
