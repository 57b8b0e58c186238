/**
 * Messages between threads, many in one piece: a post costs its sender and its receiver more than what it carries.
 *
 * Owns: what is said and not posted yet. Does not own: threads, or what is said.
 *
 *  BN1 What is said in one go is posted in one piece, in order, before anything else of the event loop runs.
 *  BN2 What can wait goes with what is said next, before it, and costs no post of its own.
 *  BN3 What was said to who is gone by then is forgotten: whoever comes next has not asked for it.
 *
 * @module
 */
export class Bundle<Message> {
  readonly #post: (messages: readonly Message[]) => void;
  #said: Message[] = [];
  #isDue = false;

  constructor(post: (messages: readonly Message[]) => void) {
    this.#post = post;
  }

  say(message: Message): void {
    if (!this.#isDue) queueMicrotask(() => this.flush());
    this.#isDue = true;
    this.#said.push(message);
  }

  /** BN2. Whoever says this says something else before long. */
  sayWithNext(message: Message): void {
    this.#said.push(message);
  }

  /** BN3. */
  forget(): void {
    this.#said = [];
  }

  /** Whoever is about to end does not wait. */
  flush(): void {
    const said = this.#said;
    this.#isDue = false;
    if (said.length === 0) return;
    this.#said = [];
    this.#post(said);
  }
}
