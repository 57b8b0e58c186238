/**
 * What the doctor examines of the cluster: its authority, this door's certificate, and the clock they go by.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { letGoMs, renewMs, returnMs } from "../../../machines/rules/lease.ts";
import { authorityKeyFile, doorKeyFile, readKeyFile } from "../../hosts/cluster/key-file.ts";
import { type Attempt, readAttempt, readMembership } from "../../hosts/cluster/membership.ts";
import { REAP_MS } from "../../hosts/porter/bounds.ts";
import { whyNotLetIn, whyNotLinked } from "../../hosts/cluster/reach.ts";
import type { Membership } from "../../net/authority/join.ts";
import { clusterOf, fingerprintOf } from "../../net/authority/identity.ts";
import { placeOf } from "../../net/authority/place.ts";
import { roundTripMs } from "../../net/authority/round-trip.ts";
import { PAUSE_MS, SILENT_MS } from "../../net/link/suspicion.ts";
import { durationText } from "../../runtime/config/units.ts";
import { type ErrorData, ERRORS } from "../../protocol/errors.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

const CLOCK = "Set the clock, and let it be kept by NTP: certificates and deadlines go by it.";
const DAY_MS = 86_400_000;
/** Time enough to have every machine join again. */
const AUTHORITY_WARNING_MS = 90 * DAY_MS;
/** Half of the time in which a node that runs renews its own. */
const DOOR_WARNING_MS = 15 * DAY_MS;
const MEMBER_WARNING_MS = 30 * DAY_MS;
/** Every question and its first word wait for it. */
const FAR_MS = 250;
const NEARER = "What is asked and said waits for this way: see whether a cable, or a nearer network, leads there too.";

/** Nothing while this home has had nothing to do with other machines. */
export const cluster: Check = {
  name: "cluster",
  examine({ paths, holder }) {
    const authority = readKeyFile(authorityKeyFile(paths.home));
    if (authority === undefined) return undefined;
    const door = holder === undefined ? undefined : readKeyFile(doorKeyFile(paths.home));
    return clusterFinding(authority.certificate, door?.certificate, Date.now());
  },
};

/** For how long what is lost is waited for, where a queen is or may be. */
export const lease: Check = {
  name: "lease",
  examine: ({ config, paths }) =>
    config === undefined || readMembership(paths.home) !== undefined ? undefined : ok(leaseText(config.queen.leaseMs)),
};

export function leaseText(leaseMs: number): string {
  const away = returnMs(leaseMs);
  const pause = Math.min(PAUSE_MS, leaseMs - renewMs(leaseMs));
  return (
    `another machine that loses this queen has no worker left within ${upTo(letGoMs(leaseMs) + REAP_MS)}, and ` +
    `works on through a pause of ${durationText(pause)}; its jobs go on elsewhere ${upTo(away)} after its ` +
    `connection broke, or within ${upTo(SILENT_MS + away)} when it falls silent`
  );
}

/** A bound is told in whole seconds, and none too low. */
const upTo = (ms: number): string => durationText(ms < 1_000 ? ms : Math.ceil(ms / 1_000) * 1_000);

/** Of a machine that has joined another's cluster, or wants to. Its queen is asked, and nobody else. */
export const member: Check = {
  name: "member",
  async examine({ paths, holder }) {
    const joined = readMembership(paths.home);
    if (joined !== undefined) {
      const why = await whyNotLinked(joined, holder?.instance);
      const reached = why === undefined ? { wayMs: await roundTripMs(placeOf(new URL(joined.url))) } : { why };
      return memberFinding(joined, Date.now(), reached);
    }
    const attempt = readAttempt(paths.home);
    return attempt && attemptFinding(attempt, await whyNotLetIn(attempt));
  },
};

export function attemptFinding({ url }: Attempt, why: ErrorData | undefined): Finding {
  const begun = `it was to join the cluster at ${url}, and has not`;
  if (why !== undefined) return fail(`${begun}: ${why.code}: ${why.message}`, ERRORS[why.code].advice);
  return warn(
    `${begun}; its queen is reached`,
    "Make a token there, `rbee token create`, then `rbee join TOKEN` here.",
  );
}

/** How far away its queen is, or why she would not link it now. */
type Reached = { readonly wayMs: number | undefined } | { readonly why: ErrorData };

export function memberFinding(
  { certificate, clusterId, name, url }: Membership,
  nowMs: number,
  reached: Reached,
): Finding {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const way = "wayMs" in reached ? reached.wayMs : undefined;
  const far = way === undefined ? "" : `, there and back in ${way < 1 ? "less than 1 ms" : `${Math.round(way)} ms`}`;
  const text = `${name} of ${clusterId} at ${url}${far}, by a certificate until ${day(validTo)}`;
  const again = "Join again: `rbee token create` on the queen's machine, then `rbee join TOKEN` here.";
  const leftMs = Date.parse(validTo) - nowMs;
  if (nowMs < Date.parse(validFrom)) {
    return fail(`${text}, which begins on ${day(validFrom)}: still to come by this clock`, CLOCK);
  }
  if (leftMs <= 0) return fail(text, again);
  if ("why" in reached) {
    const { code, message } = reached.why;
    return fail(`${text}; not linked: ${code}: ${message}`, ERRORS[code].advice);
  }
  if (leftMs < MEMBER_WARNING_MS) return warn(text, again);
  return way !== undefined && way > FAR_MS ? warn(text, NEARER) : ok(text);
}

/** @param door of a node that runs: without one the next start makes it anew */
export function clusterFinding(authority: string, door: string | undefined, nowMs: number): Finding {
  const { validFrom, validTo } = new X509Certificate(authority);
  const leftMs = Date.parse(validTo) - nowMs;
  const again = "Make a new authority: stop the node, remove RBEE_HOME/cluster, and have every machine join again.";
  if (nowMs < Date.parse(validFrom)) {
    return fail(`the cluster's authority is from ${day(validFrom)}, which is still to come by this clock`, CLOCK);
  }
  if (leftMs <= 0) return fail(`the cluster's authority ended on ${day(validTo)}`, again);
  if (leftMs < AUTHORITY_WARNING_MS) return warn(`the cluster's authority ends on ${day(validTo)}`, again);
  const doorEnd = door === undefined ? undefined : new X509Certificate(door).validTo;
  if (doorEnd !== undefined && Date.parse(doorEnd) - nowMs < DOOR_WARNING_MS) {
    const remedy = "Read why it was not renewed: `rbee logs`. Then start the node again.";
    return warn(`the certificate of this door ends on ${day(doorEnd)}`, remedy);
  }
  return ok(`${clusterOf(authority)} until ${day(validTo)}; fingerprint ${fingerprintOf(authority)}`);
}

const day = (date: string): string => new Date(date).toISOString().slice(0, 10);
