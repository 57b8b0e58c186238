/**
 * Clients that have said that nothing more comes from them: some still read, the others have gone.
 *
 * TCP tells the two apart only when something is sent: who has gone answers with a reset. So something is sent that
 * changes nothing, before there is anything to say.
 *
 *  HC1 A client that closed its side and still reads is given its answer.
 *  HC2 One that has gone is found out in a moment, though there is nothing to tell it yet.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What is answered by then needs no probe. The first is what a reset answers; each later one finds it. */
const FIRST_MS = 20;
const LONGEST_MS = 15_000;

const probesOf = new WeakMap<Socket, Set<() => void>>();

/** @param probe sends what changes nothing; called again and again from then on, until the response is over. */
export function onceHalfClosed(response: ServerResponse, probe: () => void): void {
  const { socket } = response.req;
  const probes = probesOf.get(socket) ?? watched(socket);
  probes.add(probe);
  response.once("close", () => probes.delete(probe));
}

/** One for all that is asked over a connection. */
function watched(socket: Socket): Set<() => void> {
  const probes = new Set<() => void>();
  probesOf.set(socket, probes);
  let timer: NodeJS.Timeout | undefined;
  const askAfter = (waitMs: number, nextMs = waitMs): void => {
    timer = setTimeout(() => {
      for (const probe of probes) probe();
      askAfter(nextMs, Math.min(nextMs * 2, LONGEST_MS));
    }, waitMs);
  };
  socket.once("end", () => askAfter(FIRST_MS));
  socket.once("close", () => clearTimeout(timer));
  return probes;
}
