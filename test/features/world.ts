/**
 * What the steps of one scenario know of each other: its node, its jobs, the last reply, the last program.
 *
 * @module
 */
import type { Readable } from "node:stream";
import type { TaskBody, WorkerView } from "../../src/protocol/api.ts";
import type { DownloadEvent } from "../../src/protocol/download-api.ts";
import type { Family } from "../support/exposition.ts";
import type { TestHub } from "../support/hub.ts";
import type { Reply } from "../support/http.ts";
import type { Keeper } from "../support/keeper.ts";
import type { SshServer } from "../support/ssh-server.ts";
import type { SmallDisk } from "../support/tmpfs.ts";
import { type HeardEvent, type TestNode, tokensIn } from "../support/node-harness.ts";
import { randomModel } from "../support/tiny-models.ts";
import type { Cluster } from "./cluster.ts";
import { Sentences } from "./gherkin/sentences.ts";
import type { Settings, Stage } from "./stage.ts";

/** A job and everything its client was shown, also over a broken connection. */
export interface Told {
  readonly id: string;
  readonly heard: HeardEvent[];
  /** The stream that is read at the moment has ended or broken. */
  reading: Promise<void>;
  readonly submittedMs?: number;
  /** When its end was told. */
  endedMs?: number;
}

export class World {
  readonly stage: Stage;
  /** All that took part, the one at hand last. */
  readonly nodes: TestNode[] = [];
  readonly jobs = new Map<string, Told>();
  /** By their names. */
  readonly keys = new Map<string, string>();
  /** Jobs in the order in which they were given to a worker. */
  readonly assigned: string[] = [];
  readonly replies: Reply[] = [];
  /** Models that were fetched, each with what is told of its way here, to its end. The last one was named last. */
  readonly fetches = new Map<string, Promise<readonly DownloadEvent[]>>();
  /** Settings of a node of this scenario's own. */
  settings: Settings = {};
  /** What this machine lacks, so that the scenario cannot be played here. */
  missing: readonly string[] = [];
  epochBefore = 0;
  workersBefore = 0;
  /** Workers that were asked for at once. */
  asked: readonly string[] = [];
  /** The most slots of one worker that were seen busy. */
  busiest = 0;
  /** Workers that were told to stop. */
  readonly stopped: string[] = [];
  sinceMs = 0;
  restartsBefore = 0;
  /** As they were read first. */
  metrics: readonly Family[] = [];
  /** A file that links lead to. */
  outside = "";
  /** The file of commands to what breaks its node. */
  saboteur = "";
  /** What came over a connection that no client read for us. */
  raw = "";
  /** A stream that was opened and left alone. */
  unread: Readable | undefined;
  #hub: TestHub | undefined;
  #cluster: Cluster | undefined;
  #disk: SmallDisk | undefined;
  #server: SshServer | undefined;
  #worker: WorkerView | undefined;
  #program: Keeper | undefined;
  #home: string | undefined;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  get node(): TestNode {
    return this.nodes.at(-1) ?? missing("a node");
  }

  get reply(): Reply {
    return this.replies.at(-1) ?? missing("a reply");
  }

  get hub(): TestHub {
    return this.#hub ?? missing("a hub");
  }

  set hub(there: TestHub) {
    this.#hub = there;
  }

  /** Its queen is the node at hand. */
  get cluster(): Cluster {
    return this.#cluster ?? missing("a cluster");
  }

  set cluster(there: Cluster) {
    this.#cluster = there;
  }

  /** The one that its node lives on. */
  get disk(): SmallDisk {
    return this.#disk ?? missing("a disk");
  }

  set disk(mounted: SmallDisk) {
    this.#disk = mounted;
  }

  /** The machine that is reached over SSH. */
  get server(): SshServer {
    return this.#server ?? missing("a machine");
  }

  set server(there: SshServer) {
    this.#server = there;
  }

  /** As it was last seen. */
  get worker(): WorkerView {
    return this.#worker ?? missing("a worker");
  }

  set worker(seen: WorkerView) {
    this.#worker = seen;
  }

  /** The program that was run last. */
  get program(): Keeper {
    return this.#program ?? missing("a program");
  }

  set program(started: Keeper) {
    this.#program = started;
  }

  /** Of that program. */
  get home(): string {
    return (this.#home ??= this.stage.newHome());
  }

  set home(path: string) {
    this.#home = path;
  }

  job(name: string): Told {
    return this.jobs.get(name) ?? missing(`a job ${name}`);
  }

  /** The worker of its last attempt. */
  assignedTo(name: string): string | undefined {
    const last = this.job(name).heard.findLast(({ type }) => type === "assigned");
    return last?.type === "assigned" ? last.worker : undefined;
  }

  async submit(name: string, body: TaskBody): Promise<Told> {
    const submittedMs = performance.now();
    const { job_id } = await this.node.submit({ temperature: 0, ...body });
    const told: Told = { id: job_id, heard: [], reading: Promise.resolve(), submittedMs };
    this.jobs.set(name, told);
    this.follow(told);
    return told;
  }

  /** Reads on behind the last token that was shown. */
  follow(told: Told): void {
    const { node } = this;
    const after = tokensIn(told.heard).at(-1)?.index;
    told.reading = told.reading.then(async () => {
      try {
        for await (const event of node.events(told.id, after)) {
          told.heard.push(event);
          if (hasEnded([event])) told.endedMs = performance.now();
          if (event.type === "assigned") this.assigned.push(told.id);
        }
      } catch {
        // The node went before it answered; whoever wants the rest follows again.
      }
    });
  }

  /** Jobs of a scenario are not the next one's load. */
  async tidy(): Promise<void> {
    for (const { id, heard } of this.jobs.values()) {
      if (!this.node.isOver && !hasEnded(heard)) await this.node.call("DELETE", `/v2/tasks/${id}`);
    }
  }
}

export const hasEnded = (heard: readonly HeardEvent[]): boolean =>
  heard.some(({ type }) => type === "done" || type === "error");

/** A model that says what it is told to, for as long as it is told to. */
export const endlessModel = (): string => `file:${randomModel({ endless: true })}`;

export const sentences = new Sentences<World>();
export const { step } = sentences;

function missing(what: string): never {
  throw new Error(`no step before this one made ${what}`);
}
