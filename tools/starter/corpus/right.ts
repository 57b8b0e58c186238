/**
 * Whether what a thinker said in a step is right: word for word where there is one right answer, else in role, about
 * the topic and of the right length.
 *
 * @module
 */
import type { Step } from "../../../machines/specialist.ts";
import { type Example, sentences } from "./example.ts";
import { soundsLike, THE_CHOICE } from "./roles.ts";
import type { Subject } from "./subject.ts";

type Accepts = Example["accepts"];

/** The key of a form that a program decides by; what stands beside it is for people. */
const DECIDES: Partial<Record<Step, string>> = { bid: "move", vote: "choice", object: "claim" };

export function isRight(step: Step, by: string, { topic, way, truth }: Subject, answer: string): Accepts {
  const key = DECIDES[step];
  if (key !== undefined)
    return (given) => valueOf(given, key) !== undefined && valueOf(given, key) === valueOf(answer, key);
  if (truth !== undefined || step === "claims") return (given) => given === answer;
  if (step === "summary") return (given) => given.includes(topic) && isOfLength(given, 2, 3) && / \[\d+\]/.test(given);
  if (step === "final") return (given) => given.includes(topic) && isOfLength(given, 3, 5) && / \[\d+\]/.test(given);
  const names = way === undefined ? [topic] : [way, THE_CHOICE];
  return (given) => names.some((name) => given.includes(name)) && isOfLength(given, 2, 3) && soundsLike(by, given);
}

const isOfLength = (given: string, fewest: number, most: number): boolean =>
  sentences(given) >= fewest && sentences(given) <= most;

function valueOf(json: string, key: string): unknown {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === "object" && parsed !== null
      ? Object.entries(parsed).find(([name]) => name === key)?.[1]
      : undefined;
  } catch {
    return undefined;
  }
}
