/**
 * What a link needs of the world: a socket, and time. Real ones are in over-ws.ts; the simulation has its own.
 *
 * @module
 */
export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBytes(bytes: Buffer): void;
  /** Exactly once, after everything else. */
  onClosed(why: string): void;
}

/** Carries words and frames whole and in order, until it is closed. What cannot be sent any more is passed over. */
export interface LinkSocket {
  /** Once, before anything can have come. */
  listen(events: SocketEvents): void;
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** What was sent goes first, for a moment. */
  end(): void;
}

export interface LinkClock {
  monotonicMs(): number;
  /** @returns what calls it off. */
  after(ms: number, run: () => void): () => void;
  /** When everything that happened at once has been heard. */
  soon(run: () => void): void;
}
