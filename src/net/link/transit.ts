/**
 * What is under way on one connection: sent, and not yet acknowledged by the other machine.
 *
 * Owns: the numbers of frames both ways, how much each lane may have under way, and whether the other side gets on.
 * Does not own: sending, clocks.
 *
 *  TR1 A frame that does not carry the next number is refused: nothing is taken twice, and nothing is passed over.
 *  TR2 An ack of what was never sent is refused; an older ack than the last changes nothing.
 *  TR3 What is under way never exceeds the window of the lane that sends. Each lane's is larger than that of the lane
 *      behind it, so that room is kept for control when bulk and data have used up theirs.
 *  TR4 Time without progress is counted only while something is under way, from the last ack that told of something
 *      new.
 *
 * @module
 */
import { Line } from "../../runtime/line.ts";
import { invalid, type LinkLane } from "./frame.ts";

/** Bulk stops first, then data, then control: what is under way delays control by this much at most. */
export const WINDOW_BYTES: Readonly<Record<LinkLane, number>> = {
  control: 1_280 * 1024,
  data: 1_024 * 1024,
  bulk: 512 * 1024,
};

export class Transit {
  /** The number of the last frame sent. */
  #sent = 0;
  #acked = 0;
  #received = 0;
  /** Told to the other side with the last frame sent. */
  #told = 0;
  #untoldBytes = 0;
  #bytes = 0;
  #progressMs = 0;
  readonly #underWay = new Line<{ readonly number: number; readonly bytes: number }>();

  get bytes(): number {
    return this.#bytes;
  }

  /** Received since the other side was last told. */
  get untoldBytes(): number {
    return this.#untoldBytes;
  }

  /** How much this lane may send now. */
  room(lane: LinkLane): number {
    return Math.max(0, WINDOW_BYTES[lane] - this.#bytes);
  }

  /** Numbers for the next frame, which tells of all that was received. */
  next(): { readonly number: number; readonly acked: number } {
    this.#sent += 1;
    this.#told = this.#received;
    this.#untoldBytes = 0;
    return { number: this.#sent, acked: this.#told };
  }

  /** @param bytes of the pieces in it: a frame that is an ack and nothing else takes no room and asks for no ack. */
  sent(number: number, bytes: number, nowMs: number): void {
    if (bytes === 0) return;
    if (this.#bytes === 0) this.#progressMs = nowMs;
    this.#bytes += bytes;
    this.#underWay.push({ number, bytes });
  }

  /** TR1, TR2. @throws RbeeError link.invalid */
  received(number: number, acked: number, bytes: number, nowMs: number): void {
    if (number !== this.#received + 1) throw invalid(`its number is ${number} and not ${this.#received + 1}`);
    if (acked > this.#sent) throw invalid(`it acknowledges ${acked} and only ${this.#sent} were sent`);
    this.#received = number;
    this.#untoldBytes += bytes;
    if (acked <= this.#acked) return;
    this.#acked = acked;
    this.#forget(acked, nowMs);
  }

  /** TR4. For so long nothing was acknowledged, though something waits for it. */
  stalledMs(nowMs: number): number {
    return this.#bytes === 0 ? 0 : nowMs - this.#progressMs;
  }

  /** Whoever measures stood still for so long. */
  excuse(ms: number, nowMs: number): void {
    this.#progressMs = Math.min(nowMs, this.#progressMs + ms);
  }

  #forget(acked: number, nowMs: number): void {
    for (let first = this.#underWay.first; first !== undefined && first.number <= acked; first = this.#underWay.first) {
      this.#underWay.take();
      this.#bytes -= first.bytes;
      this.#progressMs = nowMs;
    }
  }
}
