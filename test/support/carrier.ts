/**
 * Carries frames away and back, as between threads or between machines, while whoever sent them waits: so that a world
 * on virtual time has real transports between its hosts.
 *
 * @module
 */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Frame } from "../../src/runtime/envelope.ts";

export interface Carriage {
  readonly way: "thread" | "websocket";
  readonly bell: SharedArrayBuffer;
}

const SOON_MS = 30_000;

export class Carrier {
  /** Frames that it carried. */
  carried = 0;
  readonly #rung: Int32Array;
  readonly #port;
  readonly #thread: Worker;

  constructor(way: Carriage["way"]) {
    const bell = new SharedArrayBuffer(4);
    const { port1, port2 } = new MessageChannel();
    this.#rung = new Int32Array(bell);
    this.#port = port1;
    const workerData = { way, bell, port: port2 };
    this.#thread = new Worker(new URL("carrier-thread.ts", import.meta.url), { workerData, transferList: [port2] });
    this.#await();
  }

  readonly carry = (frames: readonly Frame[]): readonly Frame[] => {
    this.carried += frames.length;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#port.postMessage(frames);
    return this.#await();
  };

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #await(): readonly Frame[] {
    if (Atomics.wait(this.#rung, 0, 0, SOON_MS) === "timed-out") throw new Error("nothing comes back");
    Atomics.store(this.#rung, 0, 0);
    const came: unknown = receiveMessageOnPort(this.#port)?.message;
    return came as readonly Frame[];
  }
}
