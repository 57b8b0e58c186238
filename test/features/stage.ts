/**
 * The nodes that the scenarios of one feature play on, and the hub that they fetch from.
 *
 * Owns: one node that scenarios share while they want the same settings and leave it in order, a cluster of two that
 * they share, nodes of a scenario's own, the folder they live in, one hub for all of them; that all of it is gone when
 * the feature has been played.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentName, isSettingKey } from "../../src/runtime/config/settings.ts";
import { TestHub } from "../support/hub.ts";
import { type NodeSetup, TestNode } from "../support/node-harness.ts";
import { Cluster } from "./cluster.ts";

export type Settings = Readonly<Record<string, string>>;

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "rbee-feature-"));
  readonly #ends: (() => unknown)[] = [];
  #homes = 0;
  #hub: TestHub | undefined;
  #shared: { readonly node: TestNode; readonly settings: string } | undefined;
  #cluster: Cluster | undefined;

  /** The node that scenarios with these settings share. */
  async node(settings: Settings): Promise<TestNode> {
    const wanted = JSON.stringify(settings);
    if (this.#shared?.settings === wanted && !this.#shared.node.isOver) return this.#shared.node;
    await this.#shared?.node.kill();
    const node = await this.#launch({ settings, home: this.newHome(), lastly: this.#lastly }).untilReady();
    this.#shared = { node, settings: wanted };
    return node;
  }

  /** A queen, and a machine that has joined her. */
  async cluster(): Promise<Cluster> {
    this.#cluster ??= await Cluster.started(
      (setup) => this.#launch({ ...setup, settings: {}, lastly: this.#lastly }),
      [this.newHome(), this.newHome()],
    );
    return this.#cluster;
  }

  /** What the scenario left of what is shared is not for the next one. */
  async spoil(): Promise<void> {
    await this.#shared?.node.kill();
    this.#shared = undefined;
    await this.#cluster?.kill();
    this.#cluster = undefined;
  }

  /** Starts one that ends with its scenario, and does not wait for it. */
  launch(settings: Settings, setup: Omit<NodeSetup, "lastly"> = {}): TestNode {
    return this.#launch({ home: this.newHome(), ...setup, settings });
  }

  /** As it was at first; nodes that are started from now on know it. */
  async hub(): Promise<TestHub> {
    const hub = (this.#hub ??= await new TestHub().start(this.#lastly));
    for (const list of [hub.faults, hub.served, hub.lists]) list.length = 0;
    return Object.assign(hub, { listFault: undefined, liesAboutHash: false, bytesPerSecond: 0 });
  }

  /** Of every program that is started here. */
  get environment(): Readonly<Record<string, string>> {
    return this.#hub?.env ?? {};
  }

  readonly #lastly = (end: () => unknown): void => void this.#ends.push(end);

  /** No scenario is about the starter being there unasked: where it is needed, it is asked for. */
  #launch({ settings, env: more, ...given }: NodeSetup & { readonly settings: Settings }): TestNode {
    // Where it listens is said once.
    const setup = settings["listen"] === undefined ? given : { ...given, args: [] };
    const env = Object.entries(settings).map(([key, value]): [string, string] => {
      if (!isSettingKey(key)) throw new Error(`no setting is called ${key}`);
      return [environmentName(key), value];
    });
    const warm = settings["model.default"] !== undefined;
    return new TestNode({ ...setup, warm, env: { ...this.environment, ...Object.fromEntries(env), ...more } });
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
