/**
 * How long the way to a door and back takes.
 *
 * Owns: measuring it. Does not own: whether that is long.
 *
 *  RT1 A connection is there after one way there and back: nothing is said over it. What finding the address takes is
 *      not counted, and of a few the shortest is told: the others met somebody.
 *
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";
import type { Place } from "./place.ts";

const TRIES = 3;
const WITHIN_MS = 2_000;

interface Connected {
  readonly tookMs: number;
  readonly host: string;
}

/** RT1. @returns nothing where no connection comes about */
export async function roundTripMs({ host, port }: Place): Promise<number | undefined> {
  const found = await connected({ host, port });
  if (found === undefined) return undefined;
  const tries: number[] = [];
  for (let tried = 0; tried < TRIES; tried += 1) {
    const again = await connected({ host: found.host, port });
    if (again !== undefined) tries.push(again.tookMs);
  }
  return tries.length === 0 ? undefined : Math.min(...tries);
}

async function connected(place: Place): Promise<Connected | undefined> {
  const fromMs = performance.now();
  const socket = connect(place);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(WITHIN_MS) });
    return { tookMs: performance.now() - fromMs, host: socket.remoteAddress ?? place.host };
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
