/**
 * Messages between threads, many in one piece: a post costs its sender and its receiver more than what it carries.
 *
 * Owns: what is said and not posted yet. Does not own: threads, or what is said.
 *
 *  BN1 What is said in one go is posted in one piece, in order, before anything else of the event loop runs.
 *
 * @module
 */
export class Bundle<Message> {
  readonly #post: (messages: readonly Message[]) => void;
  #said: Message[] = [];

  constructor(post: (messages: readonly Message[]) => void) {
    this.#post = post;
  }

  say(message: Message): void {
    if (this.#said.length === 0) queueMicrotask(() => this.flush());
    this.#said.push(message);
  }

  /** Whoever is about to end does not wait. */
  flush(): void {
    const said = this.#said;
    if (said.length === 0) return;
    this.#said = [];
    this.#post(said);
  }
}
