/**
 * Work that is to run on one machine and on no other.
 *
 * Owns: which machine a name means, and when what is pinned to it is refused. Does not own: where it runs
 * (machines/rules/schedule.ts X1, choose-hive.ts CH3).
 *
 *  PN1 A name that no machine of the cluster has is refused; so is one that is away or being drained, with that reason:
 *      who names a machine wants it now. What was admitted before it went waits for it, until its own deadline.
 *
 * @module
 */
import type { Address } from "../../../machines/words.ts";
import type { ErrorData } from "../../protocol/errors.ts";
import type { Scope } from "../../runtime/behaviour.ts";
import { type HiveRow, hives } from "./tables.ts";

export const NOWHERE: ErrorData = { code: "hive.draining", message: "every machine that is there is being drained" };

export function hiveNamed(name: string, scope: Scope): HiveRow | undefined {
  for (const [, row] of scope.rows(hives).entries()) if (row.name === name) return row;
  return undefined;
}

export const noHive = (name: string, scope: Scope): ErrorData => {
  const names = [...scope.rows(hives).entries()].map(([, row]) => row.name);
  const known = names.length > NAMES_TOLD ? `${names.slice(0, NAMES_TOLD).join(", ")}, ...` : names.join(", ");
  const details = { field: "node", found: name, allowed: known };
  return { code: "hive.unknown", message: `no machine of this cluster is called ${name}; there are ${known}`, details };
};

const NAMES_TOLD = 16;

/** PN1. */
export function pinTo(
  name: string | undefined,
  scope: Scope,
): { readonly node: Address | undefined } | { readonly error: ErrorData } {
  if (name === undefined) return { node: undefined };
  const row = hiveNamed(name, scope);
  if (row === undefined) return { error: noHive(name, scope) };
  if (!row.isPresent) return { error: { code: "hive.lost", message: `${name} is not there now` } };
  if (row.isLeaving) return { error: { code: "hive.draining", message: `${name} is about to stop` } };
  if (row.isDraining) return { error: { code: "hive.draining", message: `${name} is being drained` } };
  return { node: row.address };
}
