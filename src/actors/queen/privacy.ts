/**
 * What may leave the machine: work for a server of somebody else's is placed only where its label may go.
 *
 * Owns: that rule for a job and a model, and its words. Does not own: the order of labels (machines/rules/label.ts),
 * what an endpoint may be given (the configuration), the last look before the first byte (src/net/egress.ts).
 *
 *  PR1 A job that may not go where its model is gets neither a slot nor a worker there: it is refused, with the reason
 *      (RJ8). At its admission, and again at its placement: what was admitted earlier may have been allowed more.
 *  PR2 A job that goes there says so, and what that server may be given, in its `why`.
 *
 * @module
 */
import { mayGo } from "../../../machines/rules/label.ts";
import type { JobRow } from "../../../machines/rules/queue.ts";
import type { Label } from "../../../machines/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import { remoteName } from "../../protocol/remote-name.ts";
import type { QueenSettings } from "./settings.ts";

type Settings = Pick<QueenSettings, "endpoints">;

/** PR1: why it may not; nothing where it may. */
export function barred({ model, label }: Pick<JobRow, "model" | "label">, settings: Settings): ErrorData | undefined {
  const where = destination(model, settings);
  if (where === undefined || mayGo(label, where.upTo)) return undefined;
  const { endpoint, upTo } = where;
  const message = `this is ${label}, and ${endpoint} may be given what is ${upTo} at most`;
  return { code: "privacy.refused", message, details: { endpoint, label, upTo } };
}

/** PR2: "" for a model of this machine's own. */
export function leavingText(model: string, settings: Settings): string {
  const where = destination(model, settings);
  return where === undefined ? "" : `; it goes to ${where.endpoint}, which may be given what is ${where.upTo} at most`;
}

/** An endpoint that nobody has named is none: its worker will not be started. */
function destination(model: string, { endpoints }: Settings): { endpoint: string; upTo: Label } | undefined {
  const endpoint = remoteName(model)?.endpoint ?? "";
  const upTo = Object.hasOwn(endpoints, endpoint) ? endpoints[endpoint] : undefined;
  return upTo === undefined ? undefined : { endpoint, upTo };
}
