/**
 * Discussions at the doors: how one is begun, what is heard of it, what may be said in it.
 *
 * Owns: the shapes. The log's vocabulary is that of machines/rules/log.ts, held to it by type. Does not own: sessions
 * (session-api.ts).
 *
 * @module
 */
import { z } from "zod";
import { LABELS } from "../../machines/rules/label.ts";
import { type LogEvent, REASONS } from "../../machines/rules/log.ts";
import { LIMITS } from "./api.ts";

export const REQUEST_LENGTH_MAX = 1_000_000;
const SAY_LENGTH_MAX = 100_000;
const EXTEND_SECONDS_MAX = 3_600;
const TOKENS_MAX = 1_000_000;

const text = z.string();
const seq = z.int().min(0);
const ms = z.number().min(0);
const agent = z.string().min(1).max(64);
const share = z.number().min(0).max(1);

export const modes = ["alone", "vote", "discuss"] as const;

/** `POST /v2/discussions`. */
export const discussionRequest = z.strictObject({
  request: z.string().min(1).max(REQUEST_LENGTH_MAX),
  mode: z.enum(["auto", ...modes]).optional(),
  session: z.string().min(1).max(64).optional(),
  deadline_ms: z.int().min(1).max(LIMITS.deadlineMs).optional(),
  privacy: z.enum(LABELS).optional(),
  model: z.string().min(1).max(512).optional(),
  /** Of the answer where a model puts it together; what was contributed stands as it was said. */
  max_tokens: z.int().min(1).max(TOKENS_MAX).optional(),
});
export type DiscussionRequest = z.infer<typeof discussionRequest>;

export const discussionAccepted = z.object({
  discussion: z.string(),
  session: z.string(),
  mode: z.enum(modes),
  why: z.string(),
  events_url: z.string(),
});
export type DiscussionAccepted = z.infer<typeof discussionAccepted>;

/** `POST /v2/discussions/{id}/fork`: another way from behind that event, with something said there. */
export const forkRequest = z.strictObject({
  seq: z.int().min(0),
  text: z.string().min(1).max(SAY_LENGTH_MAX).optional(),
});
export type ForkRequest = z.infer<typeof forkRequest>;

/** `POST /v2/discussions/{id}/say`: words for everybody, or for one; or an order. */
export const sayRequest = z.union([
  z.strictObject({ text: z.string().min(1).max(SAY_LENGTH_MAX), to: agent.optional() }),
  z.strictObject({ order: z.enum(["mute", "unmute"]), agent }),
  z.strictObject({ order: z.literal("extend"), seconds: z.number().min(1).max(EXTEND_SECONDS_MAX) }),
  z.strictObject({ order: z.enum(["vote", "stop"]) }),
]);
export type SayRequest = z.infer<typeof sayRequest>;

export const sayAccepted = z.object({ discussion: z.string(), seq: z.int() });

const cost = z.int().min(0).optional();
/** Of work that broke off it is the least that is known to have been taken. */
const isPart = z.literal(true).optional();
const usage = z.object({ promptTokens: z.int().min(0), completionTokens: z.int().min(0), costMicros: cost, isPart });
const price = z.number().min(0);
const billed = z.object({ input: price, output: price, promptTokens: z.int().min(0) }).optional();
const source = z.object({ job: text, model: text, worker: text });
const turned = { agent, turn: seq };
const placed = { seq, at: ms };

const config = z.object({
  style: z.enum(["structured", "free"]),
  contributionsMax: z.int(),
  roundsMax: z.int(),
  staleMax: z.int(),
  quorum: z.union([z.literal("all"), z.literal("majority"), share]),
  samples: z.int(),
  tokensMax: z.int(),
  costMaxMicros: cost,
  turnTokensMax: z.int(),
  answerTokensMax: z.int().optional(),
  idleMs: ms,
  hardMs: ms,
  graceMs: ms,
  draftMs: ms,
  turnMs: ms,
  finalMs: ms,
  summaryMs: ms,
});

const worth = z.object({
  tokens: z.int(),
  costMicros: cost,
  isPart,
  ms,
  contributions: z.int(),
  agreement: share.optional(),
  flips: z.int(),
});

/** One event of a log, as it is exported and streamed. */
export const logEvent: z.ZodType<LogEvent> = z.union([
  z.object({
    type: z.literal("opened"),
    ...placed,
    request: text,
    mode: z.enum(modes),
    why: text,
    label: z.enum(LABELS),
    model: text.optional(),
    agents: z.array(
      z.object({
        name: agent,
        colour: text,
        hash: text,
        model: text.optional(),
        contributionsMax: z.int().optional(),
        billed,
      }),
    ),
    config,
    summarizer: billed,
    before: z.array(z.object({ request: text, answer: text })),
    knowledge: z.array(z.object({ id: text, text })).optional(),
    memory: z.array(z.object({ agent, notes: z.array(text) })).optional(),
  }),
  z.object({
    type: z.literal("granted"),
    ...placed,
    ...turned,
    basis: seq,
    kind: z.enum(["draft", "talk", "answer", "sample"]),
    reservedTokens: z.int(),
    reservedMicros: cost,
  }),
  z.object({
    type: z.literal("contributed"),
    ...placed,
    ...turned,
    basis: seq,
    text,
    usage,
    source,
    conf: share.optional(),
  }),
  z.object({ type: z.literal("claims"), ...placed, ...turned, list: z.array(z.object({ id: text, text })) }),
  z.object({ type: z.literal("objection"), ...placed, ...turned, claim: text, quote: text, error: text }),
  z.object({ type: z.literal("passed"), ...placed, ...turned, basis: seq, why: text, usage }),
  z.object({ type: z.literal("failed"), ...placed, ...turned, kind: text, message: text, usage: usage.optional() }),
  z.object({ type: z.literal("cancelled"), ...placed, ...turned, partial: text, usage: usage.optional() }),
  z.object({
    type: z.literal("rejected"),
    ...placed,
    ...turned,
    why: z.enum(["stale", "twice"]),
    usage,
    text: text.optional(),
  }),
  z.object({ type: z.literal("late"), ...placed, ...turned }),
  z.object({
    type: z.literal("polled"),
    ...placed,
    round: z.int(),
    basis: seq,
    options: z.array(z.object({ id: text, of: seq })),
    voters: z.array(agent),
    reserved: z.array(z.object({ agent, micros: z.int().min(0) })).optional(),
  }),
  z.object({
    type: z.literal("ballot"),
    ...placed,
    agent,
    round: z.int(),
    basis: seq,
    option: text,
    conf: share,
    usage,
  }),
  z.object({ type: z.literal("abstained"), ...placed, agent, round: z.int(), kind: text, usage: usage.optional() }),
  z.object({
    type: z.literal("tallied"),
    ...placed,
    round: z.int(),
    winner: text.optional(),
    agreement: share,
    reached: z.boolean(),
  }),
  z.object({ type: z.literal("user"), ...placed, text, to: agent.optional() }),
  z.object({ type: z.literal("ordered"), ...placed, order: z.enum(["mute", "unmute"]), agent }),
  z.object({ type: z.literal("ordered"), ...placed, order: z.literal("extend"), ms }),
  z.object({ type: z.literal("ordered"), ...placed, order: z.enum(["vote", "stop"]) }),
  z.object({ type: z.literal("summing"), ...placed, basis: seq, reservedMicros: z.int().min(0) }),
  z.object({
    type: z.literal("summary"),
    ...placed,
    upTo: seq,
    text,
    cites: z.array(seq),
    usage: usage.optional(),
  }),
  z.object({ type: z.literal("closing"), ...placed, reason: z.enum(REASONS) }),
  z.object({ type: z.literal("closed"), ...placed }),
  z.object({
    type: z.literal("final"),
    ...placed,
    upTo: seq,
    text,
    by: z.enum(["model", "extract", "contribution"]),
    minority: z.array(z.object({ agent, text })),
    usage: usage.optional(),
    worth,
  }),
]);

/**
 * What is heard while somebody speaks and kept nowhere: the log has the whole of it, or says why not. `offset` is how
 * much the turn had said before, in UTF-16 units, so that who has missed something notices.
 */
export const heardWords = z.object({ type: z.literal("token"), agent, turn: seq, offset: z.int().min(0), text });
export type HeardWords = z.infer<typeof heardWords>;

/** `GET /v2/discussions/{id}/events`: the log by number, and words as they come; ends behind `final`. */
export const discussionEvent = z.union([logEvent, heardWords]);
export type DiscussionEvent = LogEvent | HeardWords;
