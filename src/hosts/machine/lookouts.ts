/**
 * Who waits for other programs to leave memory: looked for at a slow beat, for all of them at once.
 *
 * Owns: the beat. Does not own: how much is enough, who waits (the hive asks, and drops).
 *
 *  LO1 Nothing is measured while nobody waits.
 *  LO2 What a worker has yet to take of what is booked for it is no memory that came free. One that has no process, or
 *      whose machine does not tell, counts as having taken all.
 *
 * @module
 */
import { type Device, promisedBytes } from "../../../machines/rules/reserve.ts";
import type { MachineAsk } from "../../protocol/ports.ts";
import type { AskResult, Message } from "../../runtime/envelope.ts";
import { processMemory } from "./process-memory.ts";

type Lookout = Extract<MachineAsk, { type: "lookout" }>;

interface Waiting {
  readonly asked: Lookout;
  readonly answer: (result: AskResult) => void;
}

const BEAT_MS = 1000;

export class Lookouts {
  readonly #room: () => readonly Device[];
  readonly #beatMs: number;
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(room: () => readonly Device[], beatMs = BEAT_MS) {
    this.#room = room;
    this.#beatMs = beatMs;
  }

  add(id: string, waiting: Waiting): void {
    this.#waiting.set(id, waiting);
    this.#timer ??= setInterval(() => this.#look(), this.#beatMs).unref();
  }

  drop(id: string): void {
    this.#waiting.delete(id);
    this.#rest();
  }

  #look(): void {
    const devices = this.#room();
    for (const [id, { asked, answer }] of this.#waiting) {
      const device = devices.find((each) => each.id === asked.device);
      if (device === undefined || device.freeBytes - promised(asked) < asked.untilFreeBytes) continue;
      this.#waiting.delete(id);
      answer({ ok: true, event: { type: "memory.came", key: asked.key } as Message });
    }
    this.#rest();
  }

  /** LO1 */
  #rest(): void {
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** LO2 */
const promised = ({ booked }: Lookout): number =>
  promisedBytes(
    booked.map(({ pid, reservedBytes }) => {
      const takenBytes = pid === 0 ? undefined : processMemory(pid)?.takenBytes;
      return { reservedBytes, takenBytes: takenBytes ?? reservedBytes };
    }),
  );
