/**
 * A cluster on a network of a test's own: a queen on one machine, members on others, joined as a person joins them.
 *
 * Owns: starting them, and asking the queen how they stand. Does not own: the network (lan.ts), nodes
 * (node-harness.ts).
 *
 * @module
 */
import { join } from "node:path";
import type { HiveView, TaskBody, TaskEvent } from "../../src/protocol/api.ts";
import { tokenCreated } from "../../src/protocol/cluster-api.ts";
import { waitUntil } from "./children.ts";
import { LAUNCHER } from "./keeper.ts";
import { Lan, type LanMachine } from "./lan.ts";
import { type HeardEvent, startNode, type TestNode, tokensIn } from "./node-harness.ts";
import { temporaryFolder } from "./temporary.ts";
import { randomModel } from "./tiny-models.ts";

const WITHIN_MS = 60_000;
const QUEEN_PORT = 8080;

export interface Member {
  readonly name: string;
  readonly home: string;
  readonly machine: LanMachine;
  readonly node: TestNode;
}

/** Goes on for some seconds: enough to break something meanwhile. */
export const longTask = (more: Partial<TaskBody> = {}): TaskBody => ({
  capability: "text",
  prompt: "Once",
  max_tokens: 1500,
  model: `file:${randomModel({ endless: "digits", contextTokens: 2048 })}`,
  temperature: 0,
  ...more,
});

export class LanCluster {
  readonly lan: Lan;
  readonly machine: LanMachine;
  readonly home = join(temporaryFolder(), "home");
  readonly #env: Readonly<Record<string, string>>;
  #queen: TestNode | undefined;

  private constructor(lan: Lan, machine: LanMachine, env: Readonly<Record<string, string>>) {
    this.lan = lan;
    this.machine = machine;
    this.#env = env;
  }

  /** @param env settings of every node */
  static async begin(env: Readonly<Record<string, string>> = {}): Promise<LanCluster> {
    const lan = await Lan.open();
    const cluster = new LanCluster(lan, await lan.machine(), env);
    await cluster.startQueen();
    return cluster;
  }

  get queen(): TestNode {
    if (this.#queen === undefined) throw new Error("there is no queen yet");
    return this.#queen;
  }

  /** At this machine in this home, unless it is another: from then on she is asked. */
  async startQueen({ home, machine }: Pick<Member, "home" | "machine"> = this): Promise<TestNode> {
    const args = ["--name", "alpha", "--listen", `${machine.address}:${QUEEN_PORT}`];
    this.#queen = await startNode({ home, within: machine.within, args, env: this.#env });
    return this.#queen;
  }

  async token(): Promise<string> {
    return tokenCreated.parse((await this.queen.call("POST", "/v2/tokens", {})).json()).token;
  }

  /** One more machine, with a hive that serves. */
  async join(name: string, token?: string): Promise<Member> {
    const machine = await this.lan.machine();
    const home = join(temporaryFolder(), "home");
    const member = await this.come({ name, home, machine }, token ?? (await this.token()));
    await this.untilState(name, "serving");
    return member;
  }

  /** It comes, by a token or by its certificate. */
  async come({ name, home, machine }: Omit<Member, "node">, ...token: readonly string[]): Promise<Member> {
    const program = [LAUNCHER, "join", ...token, "--name", name, "--json"];
    const node = await startNode({ home, within: machine.within, program, args: [], env: this.#env });
    return { name, home, machine, node };
  }

  /** Has the model of long tasks loaded there: they go where a worker is free. */
  async load(name: string): Promise<void> {
    await this.queen.call("POST", "/v1/workers/spawn", { model: longTask().model, node: name });
    const isIdle = async (): Promise<boolean> =>
      (await this.hive(name))?.workers.some(({ state }) => state === "idle") === true;
    await waitUntil(isIdle, WITHIN_MS);
  }

  hive(name: string): Promise<HiveView | undefined> {
    return this.queen.hive(name);
  }

  untilState(name: string, state: HiveView["state"]): Promise<number> {
    return waitUntil(async () => (await this.hive(name))?.state === state, WITHIN_MS);
  }
}

/** A reader of a job, from its submission to its end. */
export class Answer {
  readonly job: string;
  readonly heard: HeardEvent[] = [];
  readonly #read: Promise<void>;

  private constructor(queen: TestNode, job: string) {
    this.job = job;
    this.#read = (async () => {
      for await (const event of queen.events(job)) this.heard.push(event);
    })();
  }

  static async to(queen: TestNode, task: TaskBody): Promise<Answer> {
    return new Answer(queen, (await queen.submit(task)).job_id);
  }

  /** Of a job that was asked for before, from its first token on. */
  static of(queen: TestNode, job: string): Answer {
    return new Answer(queen, job);
  }

  /** Resolves once so many tokens were heard. */
  untilSaid(tokens: number): Promise<number> {
    return waitUntil(() => tokensIn(this.heard).length >= tokens, WITHIN_MS);
  }

  get worker(): string | undefined {
    return this.heard.findLast((event) => event.type === "assigned")?.worker;
  }

  /** Nothing twice, nothing left out. */
  get isInOrder(): boolean {
    return tokensIn(this.heard).every(({ index }, at) => index === at);
  }

  async end(): Promise<TaskEvent | undefined> {
    await this.#read;
    return this.heard.at(-1);
  }
}
