/**
 * What is asked of a thinker in each step, and the form in which it has to answer.
 *
 * Owns: the words and the forms. Does not own: who the thinker is (prompts/), what it reads (transcript.ts), how its
 * answer is read (replies.ts).
 *
 *  IN1 Whatever a program reads is held to a form at the sampler: nothing is parsed from prose.
 *  IN2 Of two steps of one turn the later one reads the same beginning.
 *
 * @module
 */
import type { Step } from "../../../machines/specialist.ts";
import { BARE_REQUEST, type JobRequest, type ChatMessage } from "../../../machines/request.ts";
import type { Assignment } from "./assignment.ts";
import { quoted } from "./transcript.ts";

/** Of the words in a form; they are short. */
const FORM_TOKENS = 128;
const WHY_LENGTH_MAX = 160;
const CLAIMS_MAX = 3;
const LINE_LENGTH_MAX = 120;
/** A sample thinks before it answers, and its form has the room for that. */
const STEPS_LENGTH_MAX = 800;

/** Words for people: they are heard as they come. */
const HEARD: ReadonlySet<Step> = new Set(["draft", "speak", "answer", "final"]);
export const isHeard = (step: Step): boolean => HEARD.has(step);

const line = { type: "string", maxLength: LINE_LENGTH_MAX };
const form = (properties: Readonly<Record<string, unknown>>): unknown => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const sure = { type: "integer", minimum: 0, maximum: 10 };

/** @returns nothing for a step that is answered in prose */
function formOf(step: Step, { claims, options }: Assignment): unknown {
  switch (step) {
    case "claims":
      return form({ claims: { type: "array", items: line, minItems: 1, maxItems: CLAIMS_MAX } });
    case "bid":
      return form({
        move: { enum: claims.length > 0 ? ["pass", "speak", "object"] : ["pass", "speak"] },
        why: { type: "string", minLength: 1, maxLength: WHY_LENGTH_MAX },
      });
    case "object":
      return form({ claim: { enum: claims.map(({ id }) => id) }, error: line });
    case "sample":
      return form({ steps: { type: "string", maxLength: STEPS_LENGTH_MAX }, answer: line, sure });
    case "vote":
      return form({ choice: { enum: options }, sure });
    default:
      return undefined;
  }
}

/** Steps in which thinkers, or samples, are to differ. */
const WARM: ReadonlySet<Step> = new Set(["draft", "sample", "speak"]);
const WARM_TEMPERATURE = 0.7;

const BID =
  "Judge whether you have something new for the others: speak, or pass and say why. " +
  "Object only to a claim that is wrong.";
const SHORT = "Two or three sentences.";

function words(step: Step, assignment: Assignment, earlier: string): string {
  switch (step) {
    case "draft":
      return `Write your own answer. ${SHORT}`;
    case "claims":
      return `You wrote:\n${quoted(earlier)}\nList one to three claims of it that somebody could check.`;
    case "bid":
      return BID;
    case "speak":
      return `Say what is new, and nothing that was said already. ${SHORT}`;
    case "object":
      return "Name the claim that is wrong, and the error in it.";
    case "answer":
      return "";
    case "sample":
      return "Give the steps, then the answer alone, and how sure you are from 0 to 10.";
    case "vote":
      return `Choose whose answer is best: ${assignment.options.join(", ")}. Say how sure you are from 0 to 10.`;
    case "summary":
      return "Summarize in two or three sentences what was said so far.";
    case "final":
      return "Answer the question in four or five sentences from what was said.";
  }
}

/** @param earlier what the turn has said before, for a step that builds on it */
export function requestFor(step: Step, assignment: Assignment, key: string, earlier: string): JobRequest {
  const { model, label, seed, discussion, isOnce } = assignment;
  const jsonSchema = formOf(step, assignment);
  return {
    ...BARE_REQUEST,
    capability: "text",
    model,
    label,
    seed,
    messages: messagesOf(step, assignment, earlier),
    maxTokens: roomOf(step, assignment, jsonSchema !== undefined),
    temperature: WARM.has(step) ? WARM_TEMPERATURE : undefined,
    jsonSchema,
    idempotencyKey: key,
    party: discussion,
    ...(isOnce ? { isOnce } : {}),
  };
}

/**
 * Of what a turn may say. Alone it may take the room that there is; a sample is all that its turn says, and so is the
 * last word.
 */
function roomOf(step: Step, { tokensMax, answerTokensMax }: Assignment, isForm: boolean): number | undefined {
  if (step === "answer") return answerTokensMax;
  if (step === "sample" || step === "final") return tokensMax;
  return isForm ? FORM_TOKENS : Math.max(1, tokensMax - FORM_TOKENS);
}

function messagesOf(step: Step, assignment: Assignment, earlier: string): readonly ChatMessage[] {
  const { system, chat, shared, own, role } = assignment;
  const first: ChatMessage = { role: "system", content: system };
  if (step === "answer") return [first, ...chat];
  const asked = words(step, assignment, earlier);
  if (step === "sample")
    return [first, ...chat.slice(0, -1), { role: "user", content: `${chat.at(-1)?.content ?? ""}\n\n${asked}` }];
  return [first, { role: "user", content: [shared, own, role, asked].filter((part) => part !== "").join("\n\n") }];
}
