/**
 * Goal: a thinker's step is one job, that runs while somebody waits for it, and says what became of it.
 *
 * @see src/hosts/team/calls.ts, CP1 to CP8
 * @module
 */
import { describe, expect, test } from "vitest";
import { BARE_REQUEST, type JobRequest } from "../../../../machines/request.ts";
import { NO_USAGE, UNTOLD } from "../../../../machines/rules/usage.ts";
import type { CallsAsk } from "../../../../src/actors/team/assignment.ts";
import { Audience } from "../../../../src/hosts/team/audience.ts";
import { Calls } from "../../../../src/hosts/team/calls.ts";
import { RbeeError } from "../../../../src/protocol/errors.ts";
import type { StreamItem } from "../../../../src/protocol/ports.ts";
import type { AskResult } from "../../../../src/runtime/envelope.ts";
import { waitUntil } from "../../../support/children.ts";

/** A queen whose jobs say what they are told to, until they are ended or nobody listens. */
class Jobs {
  readonly submitted: JobRequest[] = [];
  readonly cancelled: string[] = [];
  /** When a cancellation is noted. */
  noted: Promise<void> = Promise.resolve();
  /** So often she is not there to be asked. */
  restarts = 0;
  readonly #feeds = new Map<string, (item: StreamItem) => void>();
  readonly #unread = new Map<string, readonly StreamItem[]>();

  async submit(request: JobRequest) {
    if (this.restarts-- > 0) throw new RbeeError("host.restarted", "queen is not there");
    this.submitted.push(request);
    return { job: `j${this.submitted.length}`, state: "running" as const, position: 0 };
  }

  async cancel(job: string): Promise<void> {
    this.cancelled.push(job);
    await this.noted;
  }

  async *read(job: string, _from: number, signal: AbortSignal): AsyncGenerator<StreamItem> {
    const items: StreamItem[] = [];
    this.#unread.set(job, items);
    let wake = (): void => {};
    this.#feeds.set(job, (item) => {
      items.push(item);
      wake();
    });
    signal.addEventListener("abort", () => wake());
    while (!signal.aborted) {
      const item = items.shift();
      if (item === undefined) await new Promise<void>((resolve) => void (wake = resolve));
      else yield item;
      if (item?.type === "end") return;
    }
  }

  async says(job: string, text: string, promptTokens?: number): Promise<void> {
    await waitUntil(() => this.#feeds.has(job), 5_000);
    const head = promptTokens === undefined ? {} : { promptTokens };
    const chunk = { job, attempt: 1, index: 0, kind: "text", text, tokens: 1, ...head } as const;
    this.#feeds.get(job)?.({ type: "chunk", chunk });
  }

  /** Whoever reads it has had all that it said. */
  isRead(job: string): boolean {
    return this.#unread.get(job)?.length === 0;
  }

  async ends(job: string, end: Extract<StreamItem, { type: "end" }>["end"] = DONE): Promise<void> {
    await waitUntil(() => this.#feeds.has(job), 5_000);
    this.#feeds.get(job)?.({ type: "end", end });
  }
}

const DONE = {
  type: "done",
  finish: "stop",
  usage: { promptTokens: 3, completionTokens: 2, firstTokenMs: 1, totalMs: 2 },
  model: "m",
  worker: "w1",
  attempts: 1,
  queuedMs: 0,
  loadMs: 0,
} as const;

class Stage {
  readonly jobs = new Jobs();
  readonly audience = new Audience();
  readonly calls: Calls;
  readonly answers: Record<string, AskResult> = {};
  /** The model whose work costs money. */
  billed: string | undefined;

  constructor(concurrentMax = 8) {
    const priceOf = (model = "m") => (model === this.billed ? { input: 2.5, output: 10 } : undefined);
    this.calls = new Calls({ seat: Promise.resolve(this.jobs), audience: this.audience, concurrentMax, priceOf });
  }

  ask(id: string, event: CallsAsk): void {
    this.calls.ask({ id, from: "thinkers/specialist/d1-a-1", event: { ...event }, deadlineMs: 0 }, (result) => {
      this.answers[id] = result;
    });
  }

  call(id: string, key = id, isHeard = true, timeMs = 60_000): void {
    const request = { ...BARE_REQUEST, capability: "text", model: undefined, idempotencyKey: key } as const;
    const its = { discussion: "d1", agent: "a", turn: 1, step: "draft", request, caller: undefined } as const;
    this.ask(id, { type: "call", key, isHeard, timeMs, ...its });
  }

  async answered(id: string): Promise<AskResult | undefined> {
    await waitUntil(() => this.answers[id] !== undefined, 5_000);
    return this.answers[id];
  }

  async begun(count: number): Promise<void> {
    await waitUntil(() => this.jobs.submitted.length === count, 5_000);
  }
}

const interrupted = { ok: false, error: { code: "interrupted" } };

describe("a thinker's step", () => {
  test("is a job, whose words are heard as they come and answered whole", async () => {
    const stage = new Stage();
    const hearing = stage.audience.listen("d1", 0, async () => [], new AbortController().signal);
    const words = hearing.next();
    stage.call("x");
    await stage.jobs.says("j1", "Go ");
    expect((await words).value).toMatchObject({ type: "token", agent: "a", turn: 1, offset: 0, text: "Go " });
    await stage.jobs.says("j1", "left.");
    expect((await hearing.next()).value).toMatchObject({ offset: 3, text: "left." });
    await stage.jobs.ends("j1");
    expect(await stage.answered("x")).toEqual({
      ok: true,
      event: {
        type: "called",
        step: "draft",
        text: "Go left.",
        usage: { promptTokens: 3, completionTokens: 2 },
        source: { job: "j1", model: "m", worker: "w1" },
      },
    });
    expect(stage.jobs.cancelled).toEqual([]);
  });

  test("CP7 B4 that is billed is priced by what was said, and one that nobody bills has no price", async () => {
    const stage = new Stage();
    stage.billed = "m";
    stage.call("x");
    await stage.begun(1);
    await stage.jobs.ends("j1");
    expect(await stage.answered("x")).toMatchObject({
      event: { usage: { promptTokens: 3, completionTokens: 2, costMicros: 28 } },
    });
  });

  test("CP1 TL9 waits in line while as many run as may, and takes the place of whoever ends first", async () => {
    const stage = new Stage(2);
    for (const id of ["a", "b", "c", "d"]) stage.call(id);
    await stage.begun(2);
    await stage.jobs.ends("j2");
    await stage.answered("b");
    stage.call("e");
    await stage.begun(3);
    expect(stage.jobs.submitted.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["a", "b", "c"]);
    stage.calls.drop("d");
    await stage.jobs.ends("j1");
    await stage.begun(4);
    expect(stage.jobs.submitted.at(-1)?.idempotencyKey).toBe("e");
    expect(await stage.answered("d")).toMatchObject(interrupted);
  });

  test("CP2 TS17 that nobody waits for is cancelled", async () => {
    const stage = new Stage();
    stage.call("x");
    await stage.jobs.says("j1", "Go");
    stage.calls.drop("x");
    expect(await stage.answered("x")).toMatchObject(interrupted);
    expect(stage.jobs.cancelled).toEqual(["j1"]);
  });

  test("CP3 TS17 that is cut gives the words that were heard by then, and of half a form nothing", async () => {
    const stage = new Stage();
    stage.call("x");
    stage.call("form", "form", false);
    const hearing = stage.audience.listen("d1", 0, async () => [], new AbortController().signal);
    const words = hearing.next();
    await stage.jobs.says("j2", `{"move":`);
    await stage.jobs.says("j1", "Go l");
    await words;
    for (const key of ["x", "form", "nobody's"]) stage.ask(`cut ${key}`, { type: "cut", key });
    expect(await stage.answered("cut x")).toMatchObject({ ok: true, event: { type: "partial", text: "Go l" } });
    expect(await stage.answered("cut form")).toMatchObject({ ok: true, event: { type: "partial", text: "" } });
    expect(await stage.answered("cut nobody's")).toMatchObject({ ok: true, event: { type: "partial", text: "" } });
    // Of what does not run here the queen may know from before a crash, by its name.
    const ended = ["j1", "j2", "x", "form", "nobody's"];
    await waitUntil(() => ended.every((name) => stage.jobs.cancelled.includes(name)), 5_000);
  });

  test("CP3 TS17 that is cut gives its words once the queen knows that its job is over", async () => {
    const stage = new Stage();
    const noted = Promise.withResolvers<void>();
    stage.jobs.noted = noted.promise;
    stage.call("x");
    await stage.jobs.says("j1", "Go");
    stage.ask("cut", { type: "cut", key: "x" });
    await waitUntil(() => stage.jobs.cancelled.includes("j1"), 5_000);
    expect(stage.answers["cut"]).toBeUndefined();
    noted.resolve();
    expect(await stage.answered("cut")).toMatchObject({ ok: true, event: { type: "partial" } });
  });

  test("CP3 that is cut while it waits in line leaves it at once", async () => {
    const stage = new Stage(1);
    for (const id of ["x", "y", "z"]) stage.call(id);
    await stage.begun(1);
    stage.ask("cut", { type: "cut", key: "y" });
    // It was asked of nobody.
    expect(await stage.answered("cut")).toMatchObject({ ok: true, event: { text: "", usage: NO_USAGE } });
    expect(await stage.answered("y")).toMatchObject(interrupted);
    await stage.jobs.ends("j1");
    await stage.begun(2);
    expect(stage.jobs.submitted.at(-1)?.idempotencyKey).toBe("z");
  });

  test.each([
    ["worker.lost", "worker.lost"],
    ["of nobody's", "defect"],
  ])("CP4 TS14 that failed with %s is a failure, whatever it had said", async (code, told) => {
    const stage = new Stage();
    stage.call("x");
    await stage.jobs.says("j1", "Go left.");
    const failure = { code, class: "transient", message: "it went" } as const;
    await stage.jobs.ends("j1", { type: "error", failure });
    expect(await stage.answered("x")).toMatchObject({ event: { type: "broke", code: told, message: "it went" } });
    stage.call("y");
    await stage.begun(2);
    await stage.jobs.ends("j2", { type: "error", failure });
    expect(await stage.answered("y")).toMatchObject({ ok: false, error: { code: told, message: "it went" } });
  });

  describe("CP8 tells the tokens that came, which are the least that it took, and are priced", () => {
    const came = { promptTokens: 7, completionTokens: 2, costMicros: 38, isPart: true };
    /** Seven tokens are read, and two said. */
    async function begun(timeMs?: number): Promise<Stage> {
      const stage = new Stage();
      stage.billed = "m";
      stage.call("x", "x", true, timeMs);
      await stage.jobs.says("j1", "Go ", 7);
      await stage.jobs.says("j1", "left.");
      await waitUntil(() => stage.jobs.isRead("j1"), 5_000);
      return stage;
    }

    test("when it is cut", async () => {
      const stage = await begun();
      stage.ask("cut", { type: "cut", key: "x" });
      expect(await stage.answered("cut")).toEqual({
        ok: true,
        event: { type: "partial", text: "Go left.", usage: came },
      });
    });

    test("when it fails", async () => {
      const stage = await begun();
      const failure = { code: "worker.lost", class: "transient", message: "it went" } as const;
      await stage.jobs.ends("j1", { type: "error", failure });
      expect(await stage.answered("x")).toMatchObject({ event: { type: "broke", code: "worker.lost", usage: came } });
    });

    test("when its time is up, and does not run on", async () => {
      const stage = await begun(100);
      expect(await stage.answered("x")).toMatchObject({ event: { type: "broke", code: "ask.deadline", usage: came } });
      expect(stage.jobs.cancelled).toEqual(["j1"]);
    });

    test("and where nothing is known, says that", async () => {
      const stage = new Stage();
      stage.call("x");
      await stage.begun(1);
      for (const key of ["x", "nobody's"]) stage.ask(`cut ${key}`, { type: "cut", key });
      expect(await stage.answered("cut x")).toMatchObject({ event: { usage: UNTOLD } });
      expect(await stage.answered("cut nobody's")).toMatchObject({ event: { usage: UNTOLD } });
    });
  });

  test("CP5 that runs already is not begun again: whoever asks for it anew has its answer, and ends it", async () => {
    const stage = new Stage();
    stage.call("first", "k");
    await stage.jobs.says("j1", "Go ");
    stage.call("again", "k");
    stage.calls.drop("first");
    await stage.jobs.says("j1", "left.");
    await stage.jobs.ends("j1");
    expect(await stage.answered("again")).toMatchObject({ ok: true, event: { text: "Go left." } });
    expect([stage.answers["first"], stage.jobs.submitted.length, stage.jobs.cancelled]).toEqual([undefined, 1, []]);
  });

  test("CP6 TS14 that a queen who starts again is asked for waits for her, and is one job", async () => {
    const stage = new Stage();
    stage.jobs.restarts = 2;
    stage.call("x");
    await stage.jobs.says("j1", "Go left.");
    await stage.jobs.ends("j1");
    expect(await stage.answered("x")).toMatchObject({ ok: true, event: { text: "Go left." } });
    expect(stage.jobs.submitted).toHaveLength(1);
  });
});
