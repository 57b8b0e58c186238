/**
 * The nodes that the scenarios of one feature play on.
 *
 * Owns: one node that scenarios share while they want the same settings and leave it in order, nodes of a scenario's
 * own, the folder they live in; that all of it is gone when the feature has been played.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentName, isSettingKey } from "../../src/runtime/config/settings.ts";
import { type NodeSetup, TestNode } from "../support/node-harness.ts";

export type Settings = Readonly<Record<string, string>>;

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "rbee-feature-"));
  readonly #ends: (() => Promise<void>)[] = [];
  #homes = 0;
  #shared: { readonly node: TestNode; readonly settings: string } | undefined;

  /** The node that scenarios with these settings share. */
  async node(settings: Settings): Promise<TestNode> {
    const wanted = JSON.stringify(settings);
    if (this.#shared?.settings === wanted && !this.#shared.node.isOver) return this.#shared.node;
    await this.#shared?.node.kill();
    const lastly = (end: () => Promise<void>): void => void this.#ends.push(end);
    const node = await this.#launch({ settings, home: this.newHome(), lastly }).untilReady();
    this.#shared = { node, settings: wanted };
    return node;
  }

  /** What the scenario left of the shared node is not for the next one. */
  async spoil(): Promise<void> {
    await this.#shared?.node.kill();
    this.#shared = undefined;
  }

  /** Starts one that ends with its scenario, and does not wait for it. */
  launch(settings: Settings, home = this.newHome()): TestNode {
    return this.#launch({ settings, home });
  }

  #launch({ settings, home, lastly }: Omit<NodeSetup, "env"> & { readonly settings: Settings }): TestNode {
    const env = Object.entries(settings).map(([key, value]): [string, string] => {
      if (!isSettingKey(key)) throw new Error(`no setting is called ${key}`);
      return [environmentName(key), value];
    });
    return new TestNode({ env: Object.fromEntries(env), ...(home && { home }), ...(lastly && { lastly }) });
  }

  newHome(): string {
    this.#homes += 1;
    return join(this.folder, `home-${this.#homes}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
