/**
 * What happens on a node that somebody may want to know later: one event name for each kind, with its particulars.
 *
 * Owns: the shapes, and handing news to whoever takes it. Does not own: where news comes from (witness.ts), the log
 * (node-log.ts) or the metrics (metrics.ts) that it goes to.
 *
 *  NW1 News that comes before anybody takes any is kept, up to a bound, and given to the first who does.
 *
 * @module
 */
import type { JobUsage } from "../../../machines/job.ts";
import type { ProcessExit } from "../../../machines/process.ts";
import type { Mode, Reason, TurnEnd } from "../../../machines/rules/log.ts";
import type { Caller, Label } from "../../../machines/words.ts";
import type { Stranger } from "../../net/guard.ts";
import type { ErrorData } from "../../protocol/errors.ts";

/** What kind of work it is, in OpenTelemetry's words. */
export type Operation = "chat" | "text_completion" | "embeddings" | "unknown";

/** A sentence that may hold something of a request, and so goes to a log by its label. */
export interface Told {
  readonly text: string;
  readonly label: Label;
}

interface OfJob {
  /** Nothing of a job that an earlier life of the node took. */
  readonly caller?: Caller | undefined;
  readonly job: string;
  readonly model: string;
  readonly operation: Operation;
}

interface OfKey {
  /** Its id. */
  readonly key: string;
  readonly name: string;
  readonly fingerprint: string;
}

interface OfModel {
  readonly model: string;
}

interface OfWorker extends OfModel {
  readonly worker: string;
}

/** Unknown of a discussion that an earlier life of the node began. */
export type DiscussionMode = Mode | "unknown";
export type DiscussionReason = Reason | "unknown";

export type News =
  | { readonly event: "node.started"; readonly name: string; readonly url: string; readonly epoch: number }
  | { readonly event: "node.stopped"; readonly exitCode: number | undefined }
  | ({ readonly event: "key.created" } & OfKey)
  | ({ readonly event: "key.revoked" } & OfKey)
  | { readonly event: "token.created"; readonly token: string }
  | { readonly event: "token.revoked"; readonly token: string }
  | { readonly event: "machine.certified"; readonly name: string; readonly fingerprint: string }
  | { readonly event: "machine.removed"; readonly name: string }
  | { readonly event: "orphans.swept"; readonly found: number; readonly killed: number }
  | { readonly event: "thread.restarted"; readonly thread: string; readonly error: ErrorData }
  | {
      readonly event: "request.refused";
      readonly code: string;
      readonly told: Told;
      readonly method: string;
      readonly route: string;
      readonly status: number;
      readonly caller: Caller;
      readonly stranger?: Stranger | undefined;
    }
  | ({ readonly event: "job.admitted"; readonly label: Label; readonly position: number } & OfJob)
  | ({ readonly event: "attempt.begun"; readonly attempt: number; readonly worker: string } & OfJob)
  /** The first token of a job. */
  | ({ readonly event: "job.spoke"; readonly durationMs: number | undefined } & OfJob)
  | ({
      readonly event: "job.ended";
      readonly state: "done" | "failed" | "cancelled";
      readonly attempts: number | undefined;
      readonly durationMs: number | undefined;
      readonly usage: JobUsage | undefined;
      readonly failure: { readonly code: string; readonly told: Told } | undefined;
    } & OfJob)
  | { readonly event: "turn.ended"; readonly mode: DiscussionMode; readonly end: TurnEnd }
  | {
      readonly event: "discussion.ended";
      readonly mode: DiscussionMode;
      readonly reason: DiscussionReason;
      readonly tokens: number;
      readonly durationMs: number;
      /** Votes for another than the voter's own draft. */
      readonly flips: number;
    }
  /** A question of a door to the team's store. */
  | { readonly event: "store.answered"; readonly durationMs: number }
  | ({ readonly event: "download.begun" } & OfModel)
  | ({ readonly event: "download.came"; readonly bytes: number } & OfModel)
  | ({ readonly event: "download.waits"; readonly code: string } & OfModel)
  | ({ readonly event: "download.checked"; readonly bytes: number } & OfModel)
  | ({ readonly event: "worker.asked"; readonly epoch: number } & OfWorker)
  | ({ readonly event: "worker.reserved"; readonly bytes: number } & OfWorker)
  | ({ readonly event: "worker.refused"; readonly code: string; readonly told: Told } & OfWorker)
  | ({ readonly event: "worker.loading"; readonly pid: number } & OfWorker)
  | ({ readonly event: "worker.ready"; readonly durationMs: number | undefined } & OfWorker)
  | ({ readonly event: "worker.stopping"; readonly code: string } & OfWorker)
  | ({
      readonly event: "worker.ended";
      readonly code: string;
      readonly exit: ProcessExit;
      /** Since it was asked for. */
      readonly durationMs: number | undefined;
      /** Since its end was begun, where one was. */
      readonly endingMs: number | undefined;
    } & OfWorker);

export type TakeNews = (news: News) => void;

const KEPT_MAX = 256;

export class NewsDesk {
  #kept: News[] = [];
  readonly #takers: TakeNews[] = [];

  readonly tell: TakeNews = (news) => {
    for (const take of this.#takers) take(news);
    if (this.#takers.length === 0 && this.#kept.length < KEPT_MAX) this.#kept.push(news);
  };

  /** Both begin together: what was kept goes to all of them. */
  open(...takers: readonly TakeNews[]): void {
    this.#takers.push(...takers);
    for (const news of this.#kept.splice(0)) this.tell(news);
  }
}
