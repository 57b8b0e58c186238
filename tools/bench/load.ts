/**
 * Requests at a server, from a process of its own: at a fixed pace, or as many as it takes.
 *
 * At a pace a request's time begins when it was due, and not when it could be sent: a server that stands still for a
 * second has made every request of that second late.
 *
 * @module
 */
import { Agent, request as startRequest } from "node:http";

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Goes away as soon as it has asked. */
  readonly leaves?: true;
}

export type LoadAsk =
  | { readonly kind: "paced"; readonly target: Target; readonly perSecond: number; readonly seconds: number }
  | {
      readonly kind: "closed";
      readonly targets: readonly Target[];
      readonly clients: number;
      readonly requests: number;
    };

export interface LoadTold {
  readonly tookMs: number;
  /** Of each request that was answered with 200. */
  readonly latenciesMs: readonly number[];
  /** Of the others: what was wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Connections at once; who finds none free waits, and that is counted. */
const CONNECTIONS_MAX = 256;

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });

/** @throws what was wrong with the answer */
function ask({ port, path, headers, body, leaves }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = startRequest(
      {
        agent,
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
      },
      (response) => {
        response.on("data", () => {});
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`status ${response.statusCode}`));
        });
      },
    );
    asked.once("error", reject);
    if (leaves === true)
      asked.end(body, () =>
        resolve(
          void asked
            .off("error", reject)
            .on("error", () => {})
            .destroy(),
        ),
      );
    else asked.end(body);
  });
}

class Tally {
  readonly #startedMs = performance.now();
  readonly #latenciesMs: number[] = [];
  readonly #failures: Record<string, number> = {};

  async take(target: Target, dueMs: number): Promise<void> {
    try {
      await ask(target);
      this.#latenciesMs.push(performance.now() - dueMs);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#failures[why] = (this.#failures[why] ?? 0) + 1;
    }
  }

  told(): LoadTold {
    const tookMs = performance.now() - this.#startedMs;
    return { tookMs, latenciesMs: this.#latenciesMs, failures: this.#failures };
  }
}

/** Its time begins when it was due. */
async function paced({ target, perSecond, seconds }: Extract<LoadAsk, { kind: "paced" }>): Promise<LoadTold> {
  const tally = new Tally();
  const startedMs = performance.now();
  const everyMs = 1000 / perSecond;
  const count = perSecond * seconds;
  const taken: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const send = (): void => {
      for (;;) {
        const dueMs = startedMs + taken.length * everyMs;
        const aheadMs = dueMs - performance.now();
        if (aheadMs > 0) return void setTimeout(send, aheadMs);
        taken.push(tally.take(target, dueMs));
        if (taken.length === count) return resolve();
      }
    };
    send();
  });
  await Promise.all(taken);
  return tally.told();
}

/** Each client asks again when it was answered; they take the targets in turns. */
async function closed({ targets, clients, requests }: Extract<LoadAsk, { kind: "closed" }>): Promise<LoadTold> {
  const tally = new Tally();
  let left = requests;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const target = targets[left % targets.length];
      if (target !== undefined) await tally.take(target, performance.now());
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tally.told();
}

process.on("message", (asked: LoadAsk) => {
  void (asked.kind === "paced" ? paced(asked) : closed(asked)).then((told) => process.send?.(told));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
