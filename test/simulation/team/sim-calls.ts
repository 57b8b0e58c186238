/**
 * Models for thinkers, on virtual time: each answers its step in the way of its thinker; what was asked is on record.
 *
 * Owns: what a call answers and when. Does not own: what a thinker makes of it.
 *
 *  SC1 The same call is the same answer: it depends on the seed, the thinker and the words of its prompt alone, or on
 *      what of both counts where a test says so.
 *
 * @module
 */
import type { Billed } from "../../../machines/rules/log.ts";
import { plus, priced, UNTOLD, type Usage } from "../../../machines/rules/usage.ts";
import type { CallsAsk } from "../../../src/actors/team/assignment.ts";
import type { ErrorCode } from "../../../src/protocol/errors.ts";
import type { AskResult, Message } from "../../../src/runtime/envelope.ts";
import type { Port, PortCall } from "../../../src/runtime/ports.ts";
import { Prng } from "../../support/prng.ts";
import type { SimWorld } from "../sim-world.ts";
import { hashed, type Way } from "./thinkers.ts";

type Call = Extract<CallsAsk, { type: "call" }>;

export interface Asked extends Call {
  readonly atMs: number;
  /** When nobody waited for it any more. */
  droppedMs?: number;
  /** What its answer took, or what is known of one that broke off; or how it ended without a word of that. */
  ended?: { readonly usage: Usage } | { readonly code: ErrorCode };
}

interface Ended {
  readonly result: AskResult;
  readonly ended: NonNullable<Asked["ended"]>;
}

type Told = Ended & { readonly afterMs: number };

/** Who thinks in a discussion, and how. */
export interface Cast {
  readonly seed: number;
  readonly turnMs: number;
  readonly tokensMax: number;
  /** All that they do takes so many times as long. */
  readonly scale: number;
  /** Who is billed reads no more than it says there. */
  readonly billedOf: (agent: string) => Billed | undefined;
  readonly wayOf: (agent: string) => Way;
  /** How long each of its calls takes, where that is not for chance to say. */
  readonly delayOf: (agent: string) => number | undefined;
}

export interface CallsOptions {
  readonly world: SimWorld;
  readonly castOf: (discussion: string) => Cast;
  /** Behind whatever is said in prose, claimed and objected. */
  readonly moreWords?: string | undefined;
  /** SC1: what of a name and of a prompt counts. */
  readonly reads?: ((text: string) => string) | undefined;
  /** What is answered, and when, in the place of what would be. */
  readonly instead?: ((call: Call, text: string) => Partial<Spoken>) | undefined;
}

interface Spoken {
  readonly text: string;
  readonly afterMs: number;
}

export class SimCalls implements Port {
  /** Every call that began, in its order. */
  readonly asked: Asked[] = [];
  readonly #options: CallsOptions;
  readonly #running = new Map<string, Asked>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  ask({ id, event }: PortCall, answer: (result: AskResult) => void): void {
    const made = event as unknown as CallsAsk;
    const { clock } = this.#options.world;
    if (made.type === "cut") {
      const asked = this.asked.findLast((its) => its.key === made.key);
      const usage = asked === undefined ? UNTOLD : this.#cut(asked);
      const partial: Message & { text: string; usage: Usage } = { type: "partial", text: "I was", usage };
      return clock.after(asked === undefined ? 1 : this.#castOf(asked).scale, () =>
        answer({ ok: true, event: partial }),
      );
    }
    const asked: Asked = { ...made, atMs: clock.wallMs() };
    this.asked.push(asked);
    this.#running.set(id, asked);
    const said = this.#said(made);
    if (said === undefined) return;
    clock.after(said.afterMs, () => {
      if (this.#running.get(id) !== asked) return;
      this.#running.delete(id);
      asked.ended = said.ended;
      answer(said.result);
      // A machine that was lost comes back, and says what it would have said (TL8).
      if (!said.result.ok || said.result.event.type === "broke")
        clock.after(said.afterMs, () => answer(this.#late(made)));
    });
  }

  drop(id: string): void {
    const asked = this.#running.get(id);
    this.#running.delete(id);
    if (asked !== undefined) asked.droppedMs = this.#options.world.clock.wallMs();
  }

  /** Calls that somebody still waits for. */
  get running(): number {
    return this.#running.size;
  }

  /** The main process was lost with all of them. */
  forget(): void {
    this.#running.clear();
  }

  #castOf({ discussion }: Call): Cast {
    return this.#options.castOf(discussion);
  }

  #read(text: string): string {
    return this.#options.reads?.(text) ?? text;
  }

  /** Whoever is slow is cut when its time is up; whoever hangs does not even say so. */
  #said(made: Call): Told | undefined {
    const { seed, wayOf } = this.#castOf(made);
    const way = wayOf(made.agent);
    const read = [made.agent, made.step, promptOf(made)].map((text) => this.#read(text));
    const chance = new Prng(hashed(seed, ...read));
    const told = this.#toldBy(made, way, chance);
    return told === undefined || told.afterMs <= made.timeMs
      ? told
      : { afterMs: made.timeMs, ...this.#broke("ask.deadline", made, chance) };
  }

  #toldBy(made: Call, way: Way, chance: Prng): Told | undefined {
    const { moreWords = "", instead } = this.#options;
    const { turnMs, scale, delayOf } = this.#castOf(made);
    const drawnMs = chance.int(1, Math.max(1, Math.floor(turnMs / 8))) * scale;
    const slowMs = chance.int(Math.floor(turnMs / 4), turnMs * 2) * scale;
    if (way === "hangs") return undefined;
    const quickMs = delayOf(made.agent) ?? drawnMs;
    const isLost = way === "dies" || (way === "fails-now-and-then" && chance.chance(0.4));
    const code = way === "dies" ? "worker.lost" : chance.pick(LOSSES);
    const isBegun = code !== "endpoint.unreachable" && chance.chance(0.5);
    if (isLost) return { afterMs: quickMs, ...(isBegun ? this.#broke(code, made, chance) : failed(code)) };
    const drawn = way === "talks-nonsense" ? nonsense(chance) : answerOf(made, way, chance, moreWords);
    const { text = drawn, afterMs = way === "is-slow" ? slowMs : quickMs } = instead?.(made, drawn) ?? {};
    return { afterMs, ...this.#called(made, text, chance) };
  }

  #late(made: Call): AskResult {
    const chance = new Prng(hashed(this.#castOf(made).seed, "late", jobOf(made)));
    return this.#called(made, answerOf(made, "always-new", chance, ""), chance).result;
  }

  /** What its answer takes; a part of one is priced as well. */
  #usage(made: Call, chance: Prng): Usage {
    const { tokensMax, billedOf } = this.#castOf(made);
    const most = Math.floor(tokensMax / 4);
    const billed = billedOf(made.agent);
    const promptTokens = chance.int(1, billed?.promptTokens ?? 10_000);
    return priced({ promptTokens, completionTokens: chance.int(1, most) }, billed);
  }

  #broke(code: ErrorCode, made: Call, chance: Prng): Ended {
    const usage = plus(this.#usage(made, chance), UNTOLD);
    const event: Message & Record<string, unknown> = { type: "broke", code, message: "it is gone", usage };
    return { result: { ok: true, event }, ended: { usage } };
  }

  /** Of an answer that is on its way when its thinker is cut nobody is told. */
  #cut(asked: Asked): Usage {
    const chance = new Prng(hashed(this.#castOf(asked).seed, "cut", this.#read(jobOf(asked))));
    const usage = asked.ended === undefined ? plus(this.#usage(asked, chance), UNTOLD) : UNTOLD;
    asked.ended = { usage };
    return usage;
  }

  #called(made: Call, text: string, chance: Prng): Ended {
    const usage = this.#usage(made, chance);
    const event: Message & Record<string, unknown> = {
      type: "called",
      step: made.step,
      text,
      usage,
      source: { job: jobOf(made), model: "m", worker: "w" },
    };
    return { result: { ok: true, event }, ended: { usage } };
  }
}

/** Of the last of them it is known that nothing was sent. */
const LOSSES = ["worker.lost", "endpoint.lost", "endpoint.unreachable"] as const;

const failed = (code: ErrorCode): Ended => ({
  result: { ok: false, error: { code, message: "the machine is gone" } },
  ended: { code },
});

/** It has one name in each of its discussion's lives. */
const jobOf = ({ key, discussion }: Call): string => key.slice(discussion.length + 1);

/** Every word that the model was given. */
export const promptOf = ({ request }: Call): string => JSON.stringify(request.messages ?? []);

const nonsense = (chance: Prng): string =>
  chance.pick(["", "  ", "%%%", "{", `{"move":"sing"}`, `{"move":"pass","why":" "}`, "null", "[]"]);

/** What the form of a step lets it choose from. */
function choices({ request }: Call, property: string): readonly string[] {
  const form = request.jsonSchema as { properties?: Record<string, { enum?: readonly string[] }> } | undefined;
  return form?.properties?.[property]?.enum ?? [];
}

function answerOf(call: Call, way: Way, chance: Prng, moreWords: string): string {
  const thought = way === "repeats-itself" ? "It is so." : `thought ${chance.int(0, 1_000_000)}.${moreWords}`;
  const json = (value: unknown): string => JSON.stringify(value);
  const sure = chance.int(0, 10);
  switch (call.step) {
    case "claims":
      return json({ claims: [`claim ${chance.int(0, 1_000)}${moreWords}`] });
    case "bid":
      return json({ move: moveOf(call, way, chance), why: "I have read it" });
    case "object":
      return json({ claim: chance.pick(choices(call, "claim")), error: `it does not follow${moreWords}` });
    case "sample":
      return json({ steps: "", answer: chance.pick(["42", "42", "41", " 42."]), sure });
    case "vote":
      return json({ choice: chance.pick(choices(call, "choice")), sure });
    default:
      return way === "babbles" ? thought.repeat(200) : thought;
  }
}

function moveOf(call: Call, way: Way, chance: Prng): string {
  if (way === "always-passes") return "pass";
  if (way === "objects" && choices(call, "move").includes("object")) return "object";
  if (way === "at-random") return chance.pick(["pass", "speak"]);
  return way === "objects" ? "pass" : "speak";
}
