/**
 * `options` of a request: what a client may say of how text is made, and of the machine that makes it.
 *
 *  OO1 What the engine cannot do and would change the answer is refused by its name, unless it says what happens
 *      anyway.
 *  OO2 What only says how an answer is computed, and not which, is taken and left to the hive: it knows its machine.
 *  OO3 `num_ctx` is taken. It sizes a window that is the node's to size (`worker.contextTokens`), and most clients send
 *      it with every request. No answer is wrong for it: nothing here is ever cut to fit a window, so that what fits is
 *      answered whole, also where less was asked for, and what does not is refused with both numbers
 *      (`context.overflow`), never shortened in silence. `num_keep`, which says what survives such a cut, says nothing.
 *
 * @module
 */
import { z } from "zod";
import { LIMITS } from "../../protocol/api.ts";
import { only } from "../only.ts";
import type { Asked } from "../run.ts";
import { samplingOf } from "../sampling.ts";

/** Until it stops by itself, or the context is full: what the dialect means by them, and by saying nothing. */
const NO_BOUND = [-1, -2] as const;

const stop = z.string().min(1).max(LIMITS.stopChars);
const number = z.number().nullish();
const flag = z.boolean().nullish();

export const options = z
  .strictObject({
    temperature: z.number().min(0).max(2).nullish(),
    /** -1 is to name none. */
    seed: z.int().min(-1).max(4_294_967_295).nullish(),
    num_predict: z.union([z.literal(NO_BOUND), z.int().min(1)], { error: "at least 1, or -1 for no bound" }).nullish(),
    stop: z.union([stop, z.array(stop).max(LIMITS.stops)]).nullish(),
    /** 0 is all of them. */
    top_k: z.int().min(0).max(100_000).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    min_p: z.number().min(0).max(1).nullish(),
    repeat_penalty: z.number().min(0.1).max(10).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    // OO1
    typical_p: only(1),
    tfs_z: only(1),
    mirostat: only(0),
    vocab_only: only(false),
    embedding_only: only(false),
    // Said of those above, and nothing without them.
    repeat_last_n: number,
    penalize_newline: flag,
    mirostat_tau: number,
    mirostat_eta: number,
    // OO3
    num_ctx: number,
    num_keep: number,
    // OO2
    num_batch: number,
    num_gpu: number,
    main_gpu: number,
    num_thread: number,
    numa: flag,
    low_vram: flag,
    f16_kv: flag,
    logits_all: flag,
    use_mmap: flag,
    use_mlock: flag,
  })
  .superRefine((said, ctx) => {
    const looksBack = PENALTY_DETAILS.find((field) => (said[field] ?? undefined) !== undefined);
    if (looksBack === undefined || !punishes(said)) return;
    ctx.addIssue({ code: "custom", path: [looksBack], message: "not possible beside a penalty" });
  })
  .nullish();
export type Options = z.output<typeof options>;

/** How far a penalty looks back, and at what, is the engine's to say. */
const PENALTY_DETAILS = ["repeat_last_n", "penalize_newline"] as const;

interface Penalties {
  readonly repeat_penalty?: number | null | undefined;
  readonly presence_penalty?: number | null | undefined;
  readonly frequency_penalty?: number | null | undefined;
}

const punishes = ({ repeat_penalty, presence_penalty, frequency_penalty }: Penalties): boolean =>
  (repeat_penalty ?? 1) !== 1 || (presence_penalty ?? 0) !== 0 || (frequency_penalty ?? 0) !== 0;

/** What of the options goes with a job. */
export function optionsOf(said: Options): Pick<Asked, "maxTokens" | "temperature" | "seed" | "sampling" | "stops"> {
  const { num_predict: bound = -1, temperature, seed, stop: stops, top_k: topK, ...sampling } = said ?? {};
  return {
    maxTokens: bound === null || bound < 0 ? LIMITS.outputTokens : Math.min(bound, LIMITS.outputTokens),
    temperature: temperature ?? undefined,
    seed: seed === -1 ? undefined : (seed ?? undefined),
    sampling: samplingOf({ ...sampling, top_k: topK === 0 ? undefined : topK }),
    stops: typeof stops === "string" ? [stops] : (stops ?? []),
  };
}
