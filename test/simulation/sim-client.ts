/**
 * A simulated client: it submits, reads, leaves and comes back, cancels, asks again with its key.
 *
 * Owns: what a client does and what it saw. Does not own: what it ought to have seen (check-output.ts).
 *
 * @module
 */
import type { QueenEvent } from "../../machines/queen-events.ts";
import type { Tools } from "../../machines/request.ts";
import type { JobRow } from "../../machines/rules/queue.ts";
import type { Caller } from "../../machines/words.ts";
import type { Accepted } from "../../src/actors/queen/admission.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { StreamItem } from "../../src/protocol/ports.ts";
import type { Message } from "../../src/runtime/envelope.ts";
import { event } from "../../src/runtime/reading.ts";
import type { ClientScript } from "./scenario.ts";
import { QUEEN, type SimCluster } from "./sim-cluster.ts";
import { hashOf } from "./sim-text.ts";

const toQueen = event<QueenEvent>();
const ANSWER_MS = 30_000;
const AGAIN_MS = 100;
const TRIES_MAX = 50;
/** Who comes without an API key. */
const NOBODY: Caller = { requestId: "" };
/** Why a reader is gone: it left, or its node did. */
const LEFT = "left";

export interface ClientEar {
  accepted(script: ClientScript, job: string): void;
  refused(script: ClientScript, code: ErrorCode): void;
  /** From this index on it is given everything there is. */
  reads(job: string, reader: string, fromIndex: number): void;
  item(job: string, reader: string, item: StreamItem): void;
  comesBack(script: ClientScript): void;
  /** Its connection ended with the node, and it does not come back. */
  gone(job: string): void;
}

export class SimClient {
  readonly #cluster: SimCluster;
  readonly #script: ClientScript;
  readonly #ear: ClientEar;
  #job: string | undefined;
  #next = 0;
  /** It has seen the end, or has given up. */
  #isOver = false;
  #readers = 0;
  #tries = 0;

  constructor(cluster: SimCluster, script: ClientScript, ear: ClientEar) {
    this.#cluster = cluster;
    this.#script = script;
    this.#ear = ear;
    cluster.world.clock.after(script.atMs, () => this.#submit());
    const { cancelAfterMs } = script;
    if (cancelAfterMs !== undefined) cluster.world.clock.after(script.atMs + cancelAfterMs, () => this.#cancel());
  }

  get prompt(): string {
    return promptOf(this.#script);
  }

  /** It has not had what it came for yet. */
  get waits(): boolean {
    return !this.#isOver;
  }

  #submit(): void {
    const { world, door, key } = this.#cluster;
    const caller = key.isUsedBy(this.#script) ? key.callerOf(this.#script) : NOBODY;
    if (caller === undefined) return world.clock.after(AGAIN_MS, () => this.#submit());
    const made = toQueen({ type: "submit", request: requestOf(this.#script), caller });
    door.ask(QUEEN, made, ANSWER_MS, (result) => {
      if (result.ok) return this.#accepted(result.event as Accepted);
      this.#ear.refused(this.#script, result.error.code);
      // Without a key it would perhaps be a second job.
      const mayAgain = this.#script.key !== undefined && result.error.code !== "queue.full";
      this.#tries += 1;
      if (mayAgain && this.#tries < TRIES_MAX) world.clock.after(AGAIN_MS, () => this.#submit());
      else this.#isOver = true;
    });
  }

  #accepted({ job, position }: Accepted): void {
    this.#job = job;
    this.#cluster.streams.open(job, this.#script.model, { type: "queued", position });
    this.#ear.accepted(this.#script, job);
    this.#read();
  }

  #cancel(): void {
    if (this.#job === undefined) return;
    this.#cluster.door.ask(QUEEN, toQueen({ type: "cancel", job: this.#job }), ANSWER_MS, () => {});
  }

  /** As the door of a node does it: what no stream knows, the job's row may know. */
  #read(): void {
    const { streams, door, world } = this.#cluster;
    const job = this.#job ?? "";
    const over = new AbortController();
    const source = streams.read(job, this.#next, over.signal);
    if (source !== undefined) return void this.#follow(job, source, over);
    door.ask(QUEEN, toQueen({ type: "lookup", job }), ANSWER_MS, (result) => {
      // Its node died with the connection before it began to read.
      if (!result.ok && isAwaited(this.#script)) return void (this.#isOver = true);
      if (!result.ok) return world.clock.after(AGAIN_MS, () => this.#read());
      const row = (result.event as Message & { readonly job: JobRow }).job;
      if (row.failure !== undefined) return this.#ends(job, { type: "error", failure: row.failure });
      if (row.state === "done") return void (this.#isOver = true);
      streams.open(job, row.model);
      world.clock.after(1, () => this.#read());
    });
  }

  #ends(job: string, end: Extract<StreamItem, { type: "end" }>["end"]): void {
    this.#isOver = true;
    this.#ear.item(job, `${this.#script.name}.row`, { type: "end", end });
  }

  async #follow(job: string, source: AsyncIterable<StreamItem>, over: AbortController): Promise<void> {
    const { connections, world } = this.#cluster;
    this.#readers += 1;
    const reader = `${this.#script.name}.${this.#readers}`;
    this.#ear.reads(job, reader, this.#next);
    const lost = (): void => {
      // It was promised nothing, and has nothing to come back with.
      if (isAwaited(this.#script)) {
        this.#isOver = true;
        this.#ear.gone(job);
      }
      over.abort(LEFT);
    };
    connections.add(lost);
    for await (const item of source) {
      this.#ear.item(job, reader, item);
      if (item.type === "end") this.#isOver = true;
      if (item.type !== "chunk") continue;
      this.#next = item.chunk.index + 1;
      if (this.#next - 1 === this.#script.leaveAfter && this.#readers === 1) break;
    }
    connections.delete(lost);
    over.abort(LEFT);
    if (this.#isOver) return;
    world.clock.after(this.#script.awayMs ?? AGAIN_MS, () => {
      this.#ear.comesBack(this.#script);
      world.promised();
      this.#read();
    });
  }
}

/** Every third of those that have no key and stay waits on its connection, as behind any dialect but rbee's own. */
export const isAwaited = (script: ClientScript): boolean =>
  script.key === undefined && script.leaveAfter === undefined && hashOf(questionOf(script)) % 3 === 1;

/** Clients with one key ask for one thing. */
const questionOf = ({ name, key }: ClientScript): string => `question ${key ?? name}`;

export function promptOf(script: ClientScript): string {
  const question = questionOf(script);
  const hash = hashOf(question);
  // Some go on with what was said before, which takes longer to read than to answer.
  return hash % 3 > 0 ? question : `${TALKS[hash % TALKS.length]} ${question}`;
}

const TALKS = ["bees", "hives"].map((about) => `all about ${about}, `.repeat(70));

/** Every fifth question is answered by calls, which are long enough to be cut; sometimes by text before them. */
export function toolsFor(script: ClientScript): Tools | undefined {
  const hash = hashOf(promptOf(script));
  if (hash % 5 > 0) return undefined;
  return { functions: FUNCTIONS, choice: hash % 3 === 0 ? "auto" : "required", parallel: true };
}

const STEPS = { type: "object", properties: { steps: { type: "array", items: { type: "integer" }, minItems: 60 } } };
const FUNCTIONS = [{ name: "act", parameters: STEPS }];

const requestOf = (script: ClientScript): Extract<QueenEvent, { type: "submit" }>["request"] => ({
  capability: "text",
  model: script.model,
  prompt: promptOf(script),
  messages: undefined,
  input: undefined,
  maxTokens: script.maxTokens,
  temperature: 0,
  seed: 0,
  jsonSchema: undefined,
  tools: toolsFor(script),
  priority: script.priority,
  deadlineMs: script.deadlineMs,
  label: "private",
  node: script.node,
  isAwaited: isAwaited(script),
  idempotencyKey: script.key,
});
