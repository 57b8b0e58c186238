/**
 * Questions of the queen's machine to others, over their links: one question, one answer, a deadline.
 *
 * Owns: which answer is to which question, and how many are open. Does not own: what is asked (machine-api.ts), or the
 * link.
 *
 *  QA1 Who asks a machine that is not linked, or that goes meanwhile, is told `machine.away` at once; of one that says
 *      nothing, `ask.deadline`.
 *  QA2 An answer counts only from the machine that was asked, once, and in the shape that was asked for.
 *  QA3 So many are open at a time, for each machine and for the one that answers.
 *  QA4 A machine of an earlier version is not asked what it would not know, which would end its link: whoever asks is
 *      told `link.version`.
 *
 * @module
 */
import { z } from "zod";
import { VERSIONS } from "../../net/link/hello.ts";
import type { Hello } from "../../net/link/words.ts";
import { type ErrorData, errorData, RbeeError } from "../../protocol/errors.ts";
import { errorFrom } from "../../protocol/heard-error.ts";
import { ANSWERS, type AnswerTo, KNOWN_SINCE, question, type Question } from "../../protocol/machine-api.ts";

export const OPEN_MAX = 64;
const ANSWER_MS = 30_000;

export const questionTalk = z.object({ kind: z.literal("question"), id: z.int().min(0), question });
export const answerTalk = z.object({
  kind: z.literal("answer"),
  id: z.int().min(0),
  result: z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), value: z.unknown() }),
    z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
  ]),
});
type Talked = z.infer<typeof questionTalk> | z.infer<typeof answerTalk>;

interface Open {
  readonly machine: string;
  readonly type: Question["type"];
  readonly settle: (result: z.infer<typeof answerTalk>["result"]) => void;
}

export class Questions {
  readonly #say: (machine: string, talk: Talked) => boolean;
  readonly #open = new Map<number, Open>();
  #asked = 0;
  #answering = 0;

  /** @param say returns whether that machine is linked */
  constructor(say: (machine: string, talk: Talked) => boolean) {
    this.#say = say;
  }

  /** @throws RbeeError machine.away, ask.deadline, mailbox.full, or what the machine refuses with */
  async ask<Type extends Question["type"]>(
    machine: string,
    asked: Extract<Question, { type: Type }>,
    ms = ANSWER_MS,
  ): Promise<AnswerTo<Type>> {
    const open = [...this.#open.values()].filter((each) => each.machine === machine).length;
    if (open >= OPEN_MAX) throw new RbeeError("mailbox.full", `${machine} is asked ${open} things already`);
    const id = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<z.infer<typeof answerTalk>["result"]>();
    const late: ErrorData = { code: "ask.deadline", message: `${machine} does not answer within ${ms / 1_000} s` };
    const timer = setTimeout(() => resolve({ ok: false, error: late }), ms);
    this.#open.set(id, { machine, type: asked.type, settle: resolve });
    try {
      if (!this.#say(machine, { kind: "question", id, question: asked })) throw away(machine);
      return read(asked.type, machine, await promise);
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }

  /** QA2. */
  answered(machine: string, { id, result }: z.infer<typeof answerTalk>): void {
    const open = this.#open.get(id);
    if (open?.machine === machine) open.settle(result);
  }

  /** QA1. */
  lost(machine: string): void {
    const { code, message } = errorData(away(machine));
    for (const open of this.#open.values()) {
      if (open.machine === machine) open.settle({ ok: false, error: { code, message } });
    }
  }

  /** QA3. At the other end. */
  async answer(
    machine: string,
    { id, question: asked }: z.infer<typeof questionTalk>,
    answerTo: (asked: Question) => Promise<object>,
  ): Promise<void> {
    const answer = async (): Promise<object> => {
      if (this.#answering >= OPEN_MAX) throw new RbeeError("mailbox.full", "too much is asked here already");
      this.#answering += 1;
      return answerTo(asked).finally(() => (this.#answering -= 1));
    };
    const result = await answer().then(
      (value) => ({ ok: true, value }) as const,
      (thrown: unknown) => {
        const { code, message } = errorData(thrown);
        return { ok: false, error: { code, message } } as const;
      },
    );
    this.#say(machine, { kind: "answer", id, result });
  }
}

/** QA4. @param peer nothing where it is not linked */
export function checkKnown(machine: string, { type }: Question, peer: Pick<Hello, "versions"> | undefined): void {
  const version = Math.min(VERSIONS.max, peer?.versions.max ?? VERSIONS.max);
  if (version >= (KNOWN_SINCE[type] ?? 0)) return;
  throw new RbeeError("link.version", `${machine} is of an earlier version, and does not know what it is asked`);
}

/** Of this machine itself. */
export const answeredHere = async <Type extends Question["type"]>(
  asked: Extract<Question, { type: Type }>,
  answerTo: (asked: Question) => Promise<object>,
): Promise<AnswerTo<Type>> => read(asked.type, "this machine", { ok: true, value: await answerTo(asked) });

export const away = (machine: string): RbeeError =>
  new RbeeError("machine.away", `there is no link to ${machine} at this moment`);

function read<Type extends Question["type"]>(
  type: Type,
  machine: string,
  result: z.infer<typeof answerTalk>["result"],
): AnswerTo<Type> {
  if (!result.ok) {
    const { code, message } = result.error;
    throw errorFrom(code, message);
  }
  const { data } = ANSWERS[type].safeParse(result.value);
  // The schema of its type is what was looked up.
  if (data !== undefined) return data as AnswerTo<Type>;
  throw new RbeeError("link.invalid", `${machine} answers what nobody asked; it may be of another version`);
}
