/**
 * Questions to worker processes how they are, and their answers.
 *
 * Owns: matching one to the other, within a bound of time and number. Does not own: the channel, what follows.
 *
 * @module
 */
import { RbeeError } from "../../protocol/errors.ts";
import type { Condition } from "../../protocol/worker.ts";

/** A beat that is missing for so long is a hang as well (porter). A probe may take longer where a model is large. */
const ANSWER_MS = 35_000;
const OPEN_MAX = 1000;

interface Open {
  readonly worker: string;
  readonly answered: PromiseWithResolvers<Condition>;
  readonly timer: NodeJS.Timeout;
}

export class Examinations {
  readonly #open = new Map<number, Open>();
  #asked = 0;

  /** @param ask puts the question; undefined when there is no such worker */
  begin(worker: string, ask: ((n: number) => void) | undefined): Promise<Condition> {
    if (ask === undefined)
      return Promise.reject(new RbeeError("request.not.found", `no process of ${worker} runs here`));
    if (this.#open.size >= OPEN_MAX) {
      return Promise.reject(new RbeeError("mailbox.full", "too many workers are being examined already"));
    }
    this.#asked += 1;
    const n = this.#asked;
    const answered = Promise.withResolvers<Condition>();
    const timer = setTimeout(() => this.#fail(n, `it did not answer within ${ANSWER_MS} ms`), ANSWER_MS);
    this.#open.set(n, { worker, answered, timer });
    ask(n);
    return answered.promise;
  }

  end(worker: string, n: number, condition: Condition): void {
    const open = this.#open.get(n);
    if (open?.worker === worker) this.#close(n)?.answered.resolve(condition);
  }

  /** Its process is gone. */
  lost(worker: string): void {
    for (const [n, open] of this.#open)
      if (open.worker === worker) this.#fail(n, "its process ended before it answered");
  }

  #fail(n: number, message: string): void {
    const open = this.#close(n);
    open?.answered.reject(new RbeeError("worker.hung", `${open.worker}: ${message}`));
  }

  #close(n: number): Open | undefined {
    const open = this.#open.get(n);
    this.#open.delete(n);
    clearTimeout(open?.timer);
    return open;
  }
}
