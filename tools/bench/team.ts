/**
 * What a discussion costs beside the thinking: its protocol, its log, and reading that log again.
 *
 * The store and the thinkers are threads of a node with a journal on disk. No model is asked: a thought takes a known
 * time. `overhead` is the time in which the longest chain of thoughts, each behind the end of another, was not
 * thinking: for each contribution, and as a share of the whole.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { LogEvent } from "../../machines/rules/log.ts";
import { replayed } from "../../machines/rules/replay.ts";
import { type Bench, bounded, median, type Print } from "./measure.ts";
import { inTemporaryFolder } from "./node-process.ts";
import { type Held, TeamStage, type Thought } from "./team-stage.ts";

export interface TeamSizes {
  /** Of every step of a thinker: sixty tokens at thirty a second are two seconds. */
  readonly modelMs: number;
  readonly warmUps: number;
  readonly discussions: number;
  readonly replays: number;
}

const SIZES: TeamSizes = { modelMs: 500, warmUps: 10, discussions: 7, replays: 9 };
const WARM_UP_MS = 5;
const CONTRIBUTION_MS_MAX = 5;
const SHARE_PERCENT_MAX = 1;
/** Ten thousand a second. */
const EVENT_US_MAX = 100;
/** Of a log its text may take so many times its bytes, and each event so many more. */
const TEXT_TIMES = 1.3;
const EVENT_BYTES = 200;
const QUESTION = "Shall the two hives stand together in the garden, or one of them at the edge of the wood?";

export const teamBench = (sizes: TeamSizes = SIZES): Bench => ({
  name: "team",
  async run(print) {
    await inTemporaryFolder(async (home) => {
      const stage = await TeamStage.start(home);
      try {
        // The first are for the compiler.
        for (let i = 0; i < sizes.warmUps; i += 1) await stage.hold("discuss", QUESTION, WARM_UP_MS);
        const held: Held[] = [];
        for (let i = 0; i < sizes.discussions; i += 1) held.push(await stage.hold("discuss", QUESTION, sizes.modelMs));
        tellOverhead(print, held);
        const logs = held.map(({ log }) => log);
        tellReplay(print, logs, sizes.replays);
        tellSize(print, logs);
      } finally {
        await stage.close();
      }
    });
  },
});

function tellOverhead(print: Print, held: readonly Held[]): void {
  const overhead = held.map(({ tookMs, thoughts }) => tookMs - thinkingMs(thoughts));
  const perContribution = overhead.map((ms, index) => ms / Math.max(1, contributions(held[index]?.log ?? [])));
  const share = overhead.map((ms, index) => (100 * ms) / (held[index]?.tookMs ?? 1));
  tellMedian(print, "overhead-contribution", "ms", perContribution, CONTRIBUTION_MS_MAX);
  tellMedian(print, "overhead-share", "% of the time", share, SHARE_PERCENT_MAX);
}

function tellMedian(print: Print, name: string, unit: string, values: readonly number[], atMost: number): void {
  print(bounded({ bench: "team", case: name, unit, values, value: median(values), atMost }));
}

const contributions = (log: readonly LogEvent[]): number => log.filter(({ type }) => type === "contributed").length;

/** Of the longest chain of thoughts each of which began behind the end of the one before. */
export function thinkingMs(thoughts: readonly Thought[]): number {
  const longest: { readonly endedMs: number; readonly sumMs: number }[] = [];
  for (const { beganMs, endedMs } of thoughts.toSorted((a, b) => a.endedMs - b.endedMs)) {
    const before = longest.reduce((sum, its) => (its.endedMs <= beganMs ? Math.max(sum, its.sumMs) : sum), 0);
    longest.push({ endedMs, sumMs: before + endedMs - beganMs });
  }
  return Math.max(0, ...longest.map(({ sumMs }) => sumMs));
}

function tellReplay(print: Print, logs: readonly (readonly LogEvent[])[], replays: number): void {
  const events = logs.reduce((sum, { length }) => sum + length, 0);
  const once = (): number => {
    const beganMs = performance.now();
    for (const log of logs) {
      const { differs } = replayed(log);
      if (differs !== undefined) throw new Error(`event ${differs.seq} was decided otherwise`);
    }
    return ((performance.now() - beganMs) * 1000) / events;
  };
  once();
  tellMedian(print, "replay", "us an event", Array.from({ length: replays }, once), EVENT_US_MAX);
}

/** As it is kept, a line an event. */
function tellSize(print: Print, logs: readonly (readonly LogEvent[])[]): void {
  const values = logs.map((log) => {
    const kept = log.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)) + 1, 0);
    return kept / (TEXT_TIMES * textBytes(log) + EVENT_BYTES * log.length);
  });
  tellMedian(print, "log-size", "of what it may take", values, 1);
}

/** What was said by a person or a model; all else is the log's own. */
const textBytes = (log: readonly LogEvent[]): number =>
  log.flatMap(textsOf).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

function textsOf(event: LogEvent): readonly string[] {
  switch (event.type) {
    case "opened":
      return [event.request, ...event.before.flatMap(({ request, answer }) => [request, answer])];
    case "contributed":
    case "user":
    case "summary":
      return [event.text];
    case "claims":
      return event.list.map(({ text }) => text);
    case "objection":
      return [event.quote, event.error];
    case "passed":
      return [event.why];
    case "failed":
      return [event.message];
    case "cancelled":
      return [event.partial];
    case "final":
      return [event.text, ...event.minority.map(({ text }) => text)];
    default:
      return [];
  }
}
