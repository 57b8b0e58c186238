/**
 * What waits to be sent over a link, by lane, and what of it goes into the next frame.
 *
 * Owns: order within a lane, the cutting of large messages, turns between lanes and between pipes, the bound on what
 * waits. Does not own: what may be under way (transit.ts), or the credit of a pipe (pipes.ts asks for its turn here).
 *
 *  LA1 Within a lane, and within a pipe, bytes go in the order in which they came.
 *  LA2 Control goes first: it waits behind what is already under way and nothing else, however large that is which
 *      waits beside it.
 *  LA3 Of a frame that data could fill alone, bulk gets a quarter: none starves the other. Pipes take turns.
 *  LA4 What waits is bounded: above the bound `put` says so and takes nothing.
 *
 * @module
 */
import { Line } from "../../runtime/line.ts";
import { type FrameWriter, type LinkLane, PIECES_BYTES_MAX } from "./frame.ts";

/** Control has room of its own, as small as what it carries. Above a message of the largest size either is hopeless. */
export const WAITING_BYTES_MAX: Readonly<Record<MessageLane, number>> = {
  control: 72 * 2 ** 20,
  data: 96 * 2 ** 20,
};

export type MessageLane = Exclude<LinkLane, "bulk">;

/** A pipe with something to send: what it may send now, and how it is taken from it. */
export interface PipeSource {
  readonly id: number;
  /** @returns undefined when it has nothing that it may send. */
  take(bytesMax: number): { readonly bytes: Uint8Array; readonly end: boolean } | undefined;
}

/** Smaller pieces of something large cost more than they carry. */
const PIECE_BYTES_MIN = 512;
const BULK_SHARE_BYTES = PIECES_BYTES_MAX / 4;

export class Lanes {
  readonly #lines = { control: new Line<Uint8Array>(), data: new Line<Uint8Array>() };
  readonly #waiting = { control: 0, data: 0 };
  /** How much of the first message of a lane is sent. */
  readonly #sentOfFirst = { control: 0, data: 0 };
  /** Pipes that have something to send, in the order of their turns. */
  readonly #pipes = new Line<PipeSource>();
  readonly #known = new Set<PipeSource>();

  /** @returns whether there was room. */
  put(lane: MessageLane, message: Uint8Array): boolean {
    if (this.#waiting[lane] + message.length > WAITING_BYTES_MAX[lane]) return false;
    this.#waiting[lane] += message.length;
    this.#lines[lane].push(message);
    return true;
  }

  /** This pipe has something to send. */
  enlist(pipe: PipeSource): void {
    if (this.#known.has(pipe)) return;
    this.#known.add(pipe);
    this.#pipes.push(pipe);
  }

  waitingBytes(lane: MessageLane): number {
    return this.#waiting[lane];
  }

  /** Fills a frame. @param room what a lane may still have under way */
  fill(frame: FrameWriter, room: (lane: LinkLane) => number): void {
    const bulkShare = this.#pipes.length > 0 && room("bulk") > BULK_SHARE_BYTES ? BULK_SHARE_BYTES : 0;
    this.#fillMessages(frame, "control", room("control"));
    this.#fillMessages(frame, "data", Math.min(room("data"), PIECES_BYTES_MAX - bulkShare));
    this.#fillBulk(frame, room("bulk"));
  }

  #fillMessages(frame: FrameWriter, lane: MessageLane, lengthMax: number): void {
    const line = this.#lines[lane];
    for (let first = line.first; first !== undefined; first = line.first) {
      const start = this.#sentOfFirst[lane];
      const rest = first.length - start;
      const room = frame.room(lane, lengthMax);
      if (room < Math.min(rest, PIECE_BYTES_MIN)) return;
      const bytes = first.subarray(start, start + room);
      const more = bytes.length < rest;
      frame.add({ lane, pipe: 0, more, end: false, bytes });
      this.#waiting[lane] -= bytes.length;
      this.#sentOfFirst[lane] = more ? start + bytes.length : 0;
      if (more) return;
      line.take();
    }
  }

  #fillBulk(frame: FrameWriter, lengthMax: number): void {
    for (let turns = this.#pipes.length; turns > 0; turns -= 1) {
      const room = frame.room("bulk", lengthMax);
      const pipe = room < PIECE_BYTES_MIN ? undefined : this.#pipes.take();
      if (pipe === undefined) return;
      const piece = pipe.take(Math.max(PIECE_BYTES_MIN, Math.floor(room / turns)));
      if (piece === undefined) {
        this.#known.delete(pipe);
        continue;
      }
      frame.add({ lane: "bulk", pipe: pipe.id, more: false, ...piece });
      this.#pipes.push(pipe);
    }
  }
}
