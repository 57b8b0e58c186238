/**
 * A real node whose models are held and called for. One of them is abroad: of a server that is no part of the cluster,
 * bills its work, and may be given nothing but what is public.
 *
 * Owns: its home, what stands in there, how it begins again. Does not own: what is asked and answered (conducted.ts).
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "./conducted.ts";
import { KeyedModels } from "./keyed-models.ts";
import { startNode, type TestNode } from "./node-harness.ts";
import { temporaryHome } from "./temporary.ts";

/** Where any model will do the first by name is taken: that is this one. */
export const ABROAD = "openai:model@abroad";

type Env = Readonly<Record<string, string>>;

/** All think at once, and nothing stands in the log that depends on how long it took. */
const CALM: Env = {
  RBEE_WORKER_SLOTS: "16",
  RBEE_TEAM_CONCURRENT_MAX: "16",
  RBEE_TEAM_SUMMARY: "1h",
  RBEE_TEAM_IDLE: "100ms",
};

export interface Specialist {
  readonly name: string;
  /** Lines of front matter beside its name and duty. */
  readonly more?: readonly string[];
  readonly body?: string;
}

export class KeyedNode implements Stage {
  readonly box: KeyedModels;
  readonly abroad: KeyedModels;
  readonly #place = temporaryHome();
  readonly #ends: (() => Promise<void>)[] = [];
  #node: TestNode | undefined;

  private constructor(box: KeyedModels, abroad: KeyedModels) {
    this.box = box;
    this.abroad = abroad;
  }

  /** With the specialists that are shipped and these. */
  static async start(env: Env = {}, specialists: readonly Specialist[] = []): Promise<KeyedNode> {
    const made = new KeyedNode(await KeyedModels.start(), await KeyedModels.start());
    mkdirSync(join(made.home, "specialists"), { recursive: true });
    const config = [
      `model: {default: "openai:model@box"}`,
      "endpoints:",
      `  box: {url: "${made.box.url}"}`,
      `  abroad: {url: "${made.abroad.url}", privacy: public, inputPrice: 1, outputPrice: 4}`,
    ];
    writeFileSync(join(made.home, "config.yaml"), config.join("\n"));
    for (const one of specialists) made.seat(one);
    await made.#begin(env);
    return made;
  }

  get home(): string {
    return this.#place.home;
  }

  get models(): readonly KeyedModels[] {
    return [this.box, this.abroad];
  }

  get node(): TestNode {
    if (this.#node === undefined) throw new Error("it has not begun");
    return this.#node;
  }

  /** For the next discussion. */
  seat({ name, more = [], body = "Say what you know." }: Specialist): void {
    const front = ["---", `name: ${name}`, `duty: knows the place`, ...more, "---"];
    writeFileSync(join(this.home, "specialists", `${name}.md`), `${front.join("\n")}\n${body}\n`);
  }

  unseat(name: string): void {
    rmSync(join(this.home, "specialists", `${name}.md`));
  }

  async #begin(env: Env): Promise<void> {
    const lastly = (end: () => Promise<void>): void => void this.#ends.push(end);
    this.#node = await startNode({ home: this.home, env: { ...CALM, ...env }, lastly });
  }

  /** With other settings. */
  async again(env: Env): Promise<void> {
    await this.node.stop();
    await this.#begin(env);
  }

  /** Cut off in the middle of whatever it does. */
  async cutOff(env: Env): Promise<void> {
    await this.node.kill();
    await this.#begin(env);
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
    for (const one of this.models) await one.close();
    this.#place.remove();
  }
}
