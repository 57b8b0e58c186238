/**
 * What a model answered in a step, read in the form that it was held to.
 *
 * Owns: the forms as schemas. Does not own: what is asked (instructions.ts).
 *
 *  RE1 What does not fit its form is a failure with a code, never a pass and never words (TS14).
 *  RE2 Whoever was to speak and says no more than that it passes has contributed nothing.
 *  RE3 Nor has who says no word to the others: marks alone, a program's name for nothing, JSON that holds nothing, the
 *      form of a bid. Whoever answers alone may: somebody asked for it, perhaps.
 *
 * @module
 */
import { z } from "zod";
import type { Step } from "../../../machines/specialist.ts";
import type { ErrorCode } from "../../protocol/errors.ts";
import { jsonOf } from "../../protocol/json.ts";
import type { Assignment } from "./assignment.ts";

export type Reply =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "claims"; readonly claims: readonly string[] }
  | { readonly type: "pass"; readonly why: string }
  | { readonly type: "speak" }
  | { readonly type: "object" }
  | { readonly type: "objection"; readonly claim: string; readonly error: string }
  | { readonly type: "sample"; readonly answer: string; readonly conf: number }
  | { readonly type: "vote"; readonly choice: string; readonly conf: number }
  | { readonly type: "malformed"; readonly code: ErrorCode; readonly message: string };

const SURE_MAX = 10;
const said = z.string().trim().min(1);
const sure = z.int().min(0).max(SURE_MAX);

const forms = {
  claims: z.object({ claims: z.array(said).min(1).max(3) }),
  bid: z.object({ move: z.enum(["pass", "speak", "object"]), why: z.string() }),
  object: z.object({ claim: z.string(), error: said }),
  sample: z.object({ steps: z.string(), answer: said, sure }),
  vote: z.object({ choice: z.string(), sure }),
} as const;

export function replyOf(step: Step, text: string, { claims, options }: Assignment): Reply {
  switch (step) {
    case "claims":
      return read(forms.claims, text, ({ claims: list }) => ({ type: "claims", claims: list }));
    case "bid":
      return read(forms.bid, text, ({ move, why }) => (move === "pass" ? passed(why) : { type: move }));
    case "object":
      return read(forms.object, text, ({ claim, error }) =>
        claims.some(({ id }) => id === claim)
          ? { type: "objection", claim, error }
          : malformed(`there is no claim ${claim}`),
      );
    case "sample":
      return read(forms.sample, text, ({ answer, sure: much }) => ({ type: "sample", answer, conf: much / SURE_MAX }));
    case "vote":
      return read(forms.vote, text, ({ choice, sure: much }) =>
        options.includes(choice)
          ? { type: "vote", choice, conf: much / SURE_MAX }
          : malformed(`${choice} is none of the options`),
      );
    default:
      return wordsOf(step, text.trim());
  }
}

/** RE2: of a word that a question may be answered with, it is the answer. */
function wordsOf(step: Step, text: string): Reply {
  if (text === "") return { type: "malformed", code: "thinker.empty", message: "it said nothing" };
  if ((step === "draft" || step === "speak") && ONLY_PASS.test(text)) return malformed("it was to speak, and passes");
  return (step === "answer" ? undefined : wordless(text)) ?? { type: "text", text };
}

/** RE3. */
function wordless(text: string): Reply | undefined {
  const value = jsonOf(text);
  if (isRecord(value) && "move" in value) return malformed("it was to speak, and bids");
  const isEmpty = !A_WORD.test(text) || NOTHING.test(text) || (value !== undefined && holdsNothing(value));
  return isEmpty
    ? { type: "malformed", code: "thinker.empty", message: "there is no word in what it said" }
    : undefined;
}

const A_WORD = /[\p{L}\p{N}]/u;
const NOTHING = /^\W*(?:null|undefined|nan|none|nil|object object)\W*$/i;

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null;

/** However deep it is: what a stranger's model nests is no reason to fall. */
function holdsNothing(value: unknown): boolean {
  const left = [value];
  for (const each of left) {
    if (isRecord(each)) left.push(...Object.values(each));
    else if (typeof each === "string" ? each.trim() !== "" : each !== null) return false;
  }
  return true;
}

const ONLY_PASS = /^\W*pass\W*$/i;

/** Whoever passes says why: nothing at all is what a broken model says. */
const passed = (why: string): Reply =>
  why.trim() === "" ? malformed("it passes without a word") : { type: "pass", why: why.trim() };

const malformed = (message: string): Reply => ({ type: "malformed", code: "thinker.malformed", message });

function read<Form extends z.ZodType>(form: Form, text: string, then: (read: z.output<Form>) => Reply): Reply {
  const json = jsonOf(text);
  if (json === undefined) return malformed("its answer is no JSON");
  const parsed = form.safeParse(json);
  return parsed.success ? then(parsed.data) : malformed("its answer has not the form that was asked for");
}
