/**
 * A queen that tells recorded discussions, at the doors and over the server of a real node.
 *
 * The first word of a request names the recording. What is said to her is written into the log that she tells; `stop`
 * ends it where it is, with what there is.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { LogEvent, Unwritten } from "../../machines/rules/log.ts";
import { type Said, teamRoutes, type TeamSeat } from "../../src/doors/team.ts";
import { createServer } from "../../src/net/serve.ts";
import { type DiscussionEvent, type DiscussionRequest, logEvent } from "../../src/protocol/discussion-api.ts";
import { RbeeError } from "../../src/protocol/errors.ts";
import { waitUntil } from "./children.ts";
import { type Recorded, TEAM } from "./recorded-log.ts";

export interface PlayingQueen {
  readonly url: string;
  readonly requests: DiscussionRequest[];
  readonly said: Said[];
}

class Playing {
  readonly #steps: readonly Recorded[];
  readonly #log: LogEvent[] = [];
  readonly #tell = new Set<(event: DiscussionEvent) => void>();
  #isPlaying = false;
  #isStopped = false;
  #said = 0;
  #awaited = 0;

  constructor(steps: readonly Recorded[]) {
    this.#steps = steps;
  }

  /** @returns its place in the log */
  hear(said: Said): number {
    const seq = this.#log.length;
    this.#write(asUnwritten(said));
    this.#said += 1;
    this.#isStopped ||= said.type === "order" && said.order.order === "stop";
    return seq;
  }

  /** It is played from when the first one listens: words are kept nowhere. */
  async *listen(from: number, signal: AbortSignal): AsyncGenerator<DiscussionEvent> {
    const waiting: DiscussionEvent[] = this.#log.slice(from);
    let wake = (): void => {};
    const tell = (event: DiscussionEvent): void => {
      waiting.push(event);
      wake();
    };
    this.#tell.add(tell);
    signal.addEventListener("abort", () => wake(), { once: true });
    // One that waits for words that never come ends with its test.
    if (!this.#isPlaying) this.#play().catch(() => {});
    this.#isPlaying = true;
    while (!signal.aborted) {
      const event = waiting.shift();
      if (event !== undefined) yield event;
      if (event?.type === "final") break;
      if (waiting.length === 0) await new Promise<void>((resolve) => void (wake = resolve));
    }
    this.#tell.delete(tell);
  }

  async #play(): Promise<void> {
    for (const step of this.#steps) {
      if (this.#isStopped) break;
      if (step.type === "wait") await pause(step.ms, undefined, { ref: false });
      else if (step.type === "until said") await this.#isSaid();
      else if (step.type === "token") this.#heard(step);
      else this.#write(step);
    }
    if (!this.#isStopped) return;
    const contributions = this.#log.filter(({ type }) => type === "contributed").length;
    const worth = { tokens: 0, ms: 0, contributions, flips: 0 };
    this.#write({ type: "closing", reason: "cancelled" });
    this.#write({ type: "closed" });
    this.#write({ type: "final", upTo: 0, text: "as far as they came", by: "extract", minority: [], worth });
  }

  /** One word for each time that somebody waits for one, whenever it came. */
  async #isSaid(): Promise<void> {
    this.#awaited += 1;
    await waitUntil(() => this.#said >= this.#awaited || this.#isStopped, 30_000);
  }

  #write(event: Unwritten): void {
    const seq = this.#log.length;
    const written = logEvent.parse({ ...event, seq, at: 1_000 + 100 * seq });
    this.#log.push(written);
    this.#heard(written);
  }

  #heard(event: DiscussionEvent): void {
    for (const tell of this.#tell) tell(event);
  }
}

const asUnwritten = (said: Said): Unwritten =>
  said.type === "say" ? { ...said, type: "user" } : { type: "ordered", ...said.order };

/** @param lastly who ends it, where that is not the test it was started in */
export async function playingQueen(
  recordings: Readonly<Record<string, readonly Recorded[]>>,
  lastly: (end: () => Promise<void>) => void = onTestFinished,
): Promise<PlayingQueen> {
  const requests: DiscussionRequest[] = [];
  const said: Said[] = [];
  const playings = new Map<string, Playing>();
  const find = (id: string): Playing => {
    const playing = playings.get(id);
    if (playing === undefined) throw new RbeeError("request.not.found", `there is no discussion ${id}`);
    return playing;
  };
  const seat: TeamSeat = {
    async begin(request) {
      requests.push(request);
      const [first, ...steps] = recordings[request.request.split(/\s/)[0] ?? ""] ?? [];
      if (first?.type !== "opened") throw new RbeeError("request.invalid", "there is no such recording");
      const discussion = `d${requests.length}`;
      playings.set(discussion, new Playing([{ ...first, request: request.request }, ...steps]));
      return { discussion, session: request.session ?? "s1", mode: first.mode, why: first.why };
    },
    async fork(discussion) {
      throw new RbeeError("request.not.found", `there is no discussion ${discussion}`);
    },
    modeOf: async () => "alone",
    async say(discussion, heard) {
      said.push(heard);
      return find(discussion).hear(heard);
    },
    listen: (discussion, from, signal) => find(discussion).listen(from, signal),
    sessions: async () => [],
    async exported(session) {
      throw new RbeeError("request.not.found", `there is no session ${session}`);
    },
    remove: async () => false,
    stats: async () => ({ schemaVersion: 1, damaged: 0, modes: [], gate: { told: 0, same: 0 }, agents: [] }),
    specialists: async () => ({
      schemaVersion: 1,
      specialists: TEAM.map(({ name, colour }) => ({ name, colour, duty: "talks", inTeam: true })),
    }),
  };
  const server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    hosts: [],
    origins: [],
    bodyBytesMax: 1_000_000,
    routes: teamRoutes(seat),
  });
  lastly(() => server.close(0));
  return { url: server.url ?? "", requests, said };
}
