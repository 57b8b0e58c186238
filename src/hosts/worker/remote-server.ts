/**
 * Somebody else's server as a worker's engine asks it: over HTTP, out through the one way there is.
 *
 * Owns: the address, the key, the patience for one answer. Does not own: what is asked, which answer means what.
 *
 * SV1 to SV3: see the port, src/actors/engines/remote/server.ts.
 *
 * @module
 */
import type { Label } from "../../../machines/words.ts";
import type { Answer, Server } from "../../actors/engines/remote/server.ts";
import { type Inbound, Outage, request, smallText } from "../../net/egress.ts";
import { type ErrorCode, RbeeError } from "../../protocol/errors.ts";

export interface ServerAddress {
  /** As its owner calls it. */
  readonly name: string;
  /** Ends with a slash. */
  readonly url: string;
  readonly key: string | undefined;
  /** The most private that may be said to it. */
  readonly upTo: Label;
}

export interface ServerTimes {
  readonly headMs: number;
  readonly silentMs: number;
}

/** Less than an engine may do nothing before it counts as stuck: one call fails, and the worker stays. */
export const SERVER_TIMES: ServerTimes = { headMs: 100_000, silentMs: 100_000 };

const CODES: Readonly<Record<Outage["kind"], ErrorCode>> = {
  unreachable: "endpoint.unreachable",
  broken: "endpoint.lost",
  silent: "endpoint.stalled",
  astray: "endpoint.foreign",
};

export function remoteServer({ name, url, key, upTo }: ServerAddress, times: ServerTimes = SERVER_TIMES): Server {
  return {
    name,
    async call(path, say, signal) {
      const target = new URL(path, url);
      const says = say === undefined ? undefined : { body: JSON.stringify(say.body), label: say.label, upTo };
      const inbound = await request({
        url: target,
        bearer: key === undefined ? undefined : { origin: target.origin, token: key },
        ...(says === undefined ? {} : { says }),
        ...times,
        signal,
      }).catch(thrownAs(name));
      return answerOf(name, inbound);
    },
  };
}

const answerOf = (name: string, inbound: Inbound): Answer => ({
  status: inbound.status,
  retryAfterMs: retryAfterMs(inbound.headers.get("retry-after")),
  text: (bytesMax) => smallText(inbound, bytesMax).catch(thrownAs(name)),
  pieces: () => piecesOf(name, inbound),
  whole: () => inbound.whole(),
});

async function* piecesOf(name: string, inbound: Inbound): AsyncGenerator<Uint8Array> {
  try {
    yield* inbound.body();
  } catch (thrown) {
    thrownAs(name)(thrown);
  }
}

const thrownAs =
  (name: string) =>
  (thrown: unknown): never => {
    throw thrown instanceof Outage ? new RbeeError(CODES[thrown.kind], `${name}: ${thrown.message}`) : thrown;
  };

/** In seconds, or as a date. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
