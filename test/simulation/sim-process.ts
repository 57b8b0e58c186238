/**
 * One simulated process: what the kernel and its pipes do with a program, on virtual time.
 *
 * Owns: starting late, delivering in order, stopping, hanging, dying. Does not own: when, which the caller decides.
 *
 * @module
 */
import type { Exit, Forked, ProcessEvents, ProcessSignal } from "../../src/actors/hive/processes.ts";
import { PENDING_BYTES_MAX } from "../../src/net/channel.ts";
import { FRAME_HEADER_BYTES } from "../../src/net/frames.ts";

const LINES_KEPT = 20;

export interface SimTime {
  monotonicMs(): number;
  after(delayMs: number, run: () => void): void;
}

/** Upper bounds: until a fork is answered, until the program runs, until bytes or a death are noticed. */
export interface SimDelays {
  readonly forkMs: number;
  readonly startMs: number;
  readonly pipeMs: number;
}

/** What a program can do. Each call is lost once its process is dead. */
export interface SimIo {
  send(bytes: Buffer): void;
  /** Sends what is no frame: the channel closes. */
  garble(): void;
  stderr(line: string): void;
  exit(code: number): void;
  /** While the process is stopped or hangs, nothing runs. */
  after(delayMs: number, run: () => void): void;
  /** The main loop never runs again. */
  hang(): void;
}

export interface SimProgram {
  start(io: SimIo, args: readonly string[]): void;
  onFrame?(io: SimIo, bytes: Buffer): void;
  /** Where absent, SIGTERM ends the process. */
  onSigterm?(io: SimIo): void;
}

export interface SimBirth extends SimDelays {
  readonly clock: SimTime;
  readonly random: () => number;
  readonly program: SimProgram;
  readonly args: readonly string[];
  readonly events: ProcessEvents;
  readonly forked: Forked;
  /** Nothing is heard of the process before its fork is answered. */
  readonly answeredInMs: number;
}

export class SimProcess {
  readonly forked: Forked;
  readonly exited: Promise<Exit>;
  state: "alive" | "dead" | "vanished" = "alive";
  readonly #clock: SimTime;
  readonly #birth: SimBirth;
  readonly #io: SimIo;
  readonly #resolveExit: (exit: Exit) => void;
  #lines: string[] = [];
  #channelOpen = true;
  #hangs = false;
  #stopped = false;
  /** What the process would have done while it was stopped, in order. */
  #waiting: (() => void)[] = [];
  #pendingBytes = 0;
  #owesDrain = false;
  /** Pipes keep order: nothing overtakes what was put in before. */
  readonly #lastArrivalMs: { toChild: number; toParent: number };

  constructor(birth: SimBirth) {
    const { clock, random, startMs, program, args, answeredInMs } = birth;
    this.#clock = clock;
    this.#birth = birth;
    this.forked = birth.forked;
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#resolveExit = resolve;
    this.#io = this.#makeIo();
    const answeredAtMs = clock.monotonicMs() + answeredInMs;
    const startsInMs = answeredInMs + random() * startMs;
    this.#lastArrivalMs = { toParent: answeredAtMs, toChild: clock.monotonicMs() + startsInMs };
    clock.after(startsInMs, () => this.#run(() => program.start(this.#io, args)));
  }

  write(bytes: Uint8Array): "sent" | "full" | "gone" {
    if (this.state !== "alive" || !this.#channelOpen) return "gone";
    const length = FRAME_HEADER_BYTES + bytes.length;
    if (this.#pendingBytes + length > PENDING_BYTES_MAX) {
      this.#owesDrain = true;
      return "full";
    }
    this.#pendingBytes += length;
    const frame = Buffer.from(bytes);
    this.#arrive("toChild", () =>
      this.#run(() => {
        this.#pendingBytes -= length;
        this.#tellDrained();
        this.#birth.program.onFrame?.(this.#io, frame);
      }),
    );
    return "sent";
  }

  signal(signal: ProcessSignal): boolean {
    if (this.state !== "alive") return false;
    if (signal === "SIGKILL") this.#die(null, "SIGKILL");
    if (signal === "SIGSTOP") this.#stopped = true;
    if (signal === "SIGCONT") this.#continue();
    if (signal === "SIGTERM") this.#terminate();
    return true;
  }

  /** Gone with its parent: nobody hears of it. */
  vanish(): void {
    this.state = "vanished";
    this.#waiting = [];
  }

  /** Does something as the process, when it can; never once it is dead or hangs. */
  #run(act: () => void): void {
    if (this.state !== "alive" || this.#hangs) return;
    if (this.#stopped) this.#waiting.push(act);
    else act();
  }

  #continue(): void {
    this.#stopped = false;
    const acts = this.#waiting;
    this.#waiting = [];
    for (const act of acts) this.#clock.after(0, () => this.#run(act));
  }

  /** A handler needs the main loop; the default needs only that the process is not stopped. */
  #terminate(): void {
    const { onSigterm } = this.#birth.program;
    if (onSigterm !== undefined) this.#run(() => onSigterm(this.#io));
    else if (this.#stopped) this.#waiting.push(() => this.#die(null, "SIGTERM"));
    else this.#die(null, "SIGTERM");
  }

  #die(code: number | null, signal: string | null): void {
    if (this.state !== "alive") return;
    this.state = "dead";
    this.#arrive("toParent", () => {
      if (this.state === "vanished") return;
      this.#closeChannel();
      this.#resolveExit({ code, signal, lastLines: this.#lines });
    });
  }

  #closeChannel(cause?: { readonly code: "frame.invalid"; readonly message: string }): void {
    if (!this.#channelOpen) return;
    this.#channelOpen = false;
    this.#birth.events.onClosed(cause);
  }

  #tellDrained(): void {
    if (!this.#owesDrain || this.#pendingBytes > 0) return;
    this.#owesDrain = false;
    this.#arrive("toParent", () => this.#channelOpen && this.#birth.events.onDrain?.());
  }

  #arrive(direction: "toChild" | "toParent", act: () => void): void {
    const { random, pipeMs } = this.#birth;
    const nowMs = this.#clock.monotonicMs();
    const atMs = Math.max(nowMs + random() * pipeMs, this.#lastArrivalMs[direction]);
    this.#lastArrivalMs[direction] = atMs;
    this.#clock.after(atMs - nowMs, () => this.state !== "vanished" && act());
  }

  #makeIo(): SimIo {
    const asLiving = (act: () => void): void => {
      if (this.state === "alive" && !this.#hangs) act();
    };
    return {
      send: (bytes) =>
        asLiving(() =>
          this.#arrive("toParent", () => this.#channelOpen && this.#birth.events.onFrame(Buffer.from(bytes))),
        ),
      garble: () =>
        asLiving(() =>
          this.#arrive("toParent", () => this.#closeChannel({ code: "frame.invalid", message: "no frame" })),
        ),
      stderr: (line) => asLiving(() => (this.#lines = [...this.#lines, line].slice(-LINES_KEPT))),
      exit: (code) => asLiving(() => this.#die(code, null)),
      after: (delayMs, run) => asLiving(() => this.#clock.after(delayMs, () => this.#run(run))),
      hang: () => asLiving(() => (this.#hangs = true)),
    };
  }
}
