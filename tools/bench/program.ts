/**
 * A program of a bench in a process of its own, which says when it is ready and then answers what it is asked.
 *
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export class Program {
  readonly #child: ChildProcess;
  /** Its first word. */
  readonly said: unknown;

  private constructor(child: ChildProcess, said: unknown) {
    this.#child = child;
    this.said = said;
  }

  static async start(file: string, start?: object): Promise<Program> {
    const child = fork(join(import.meta.dirname, file), start === undefined ? [] : [JSON.stringify(start)]);
    return new Program(child, await wordOf(child));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  tell(message: string): void {
    this.#child.send(message);
  }

  /** One question at a time. */
  ask(question: object): Promise<unknown> {
    this.#child.send(question);
    return wordOf(this.#child);
  }

  /** Harmless when repeated. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** @throws when the program ends instead */
async function wordOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([word]) => word as unknown),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`a program of the bench ended with ${String(code)}`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
