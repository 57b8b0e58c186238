/**
 * Work that many may want and that is done once: whoever comes while it goes on joins it.
 *
 *  FL1 One piece of work a key, however many wait for it; each hears its progress from where it is.
 *  FL2 It is given up when the last of them has left, and not before.
 *
 * @module
 */

interface Flight<Progress, Value> {
  readonly result: Promise<Value>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: Progress) => void>;
  last: Progress | undefined;
}

export class Flights<Progress, Value> {
  readonly #open = new Map<string, Flight<Progress, Value>>();

  /** @throws what the work throws, or what the signal was aborted with */
  async join(
    key: string,
    work: (tell: (progress: Progress) => void, signal: AbortSignal) => Promise<Value>,
    hear: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<Value> {
    signal.throwIfAborted();
    const flight = this.#open.get(key) ?? this.#begin(key, work);
    // A listener of its own for each who joins, also when two bring the same function.
    const listener = (progress: Progress): void => hear(progress);
    flight.listeners.add(listener);
    if (flight.last !== undefined) hear(flight.last);
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([flight.result, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      flight.listeners.delete(listener);
      if (flight.listeners.size === 0) {
        if (this.#open.get(key) === flight) this.#open.delete(key);
        flight.abort.abort(signal.reason);
      }
    }
  }

  #begin(
    key: string,
    work: (tell: (progress: Progress) => void, signal: AbortSignal) => Promise<Value>,
  ): Flight<Progress, Value> {
    const abort = new AbortController();
    const listeners = new Set<(progress: Progress) => void>();
    const tell = (progress: Progress): void => {
      flight.last = progress;
      for (const hear of listeners) hear(progress);
    };
    // Begun after this turn, so that the first progress finds a listener.
    const result = Promise.resolve().then(() => work(tell, abort.signal));
    const flight: Flight<Progress, Value> = { result, abort, listeners, last: undefined };
    this.#open.set(key, flight);
    const over = (): void => {
      if (this.#open.get(key) === flight) this.#open.delete(key);
    };
    // Those who wait hear of a failure; here it only ends the flight.
    result.then(over, over);
    return flight;
  }
}
