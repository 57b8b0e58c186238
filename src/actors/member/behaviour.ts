/**
 * The seat of a hive on another machine: its machine, and what each of its actions means. A cell of the queen's host.
 *
 * @module
 */
import type { HiveEvent } from "../../../machines/hive.ts";
import { memberMachine } from "../../../machines/member.ts";
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { letGoMs, renewMs, returnMs } from "../../../machines/rules/lease.ts";
import { address, type Address, hostOf, idOf } from "../../../machines/words.ts";
import { behaviour, type Behaviour, type Command, type Scope, tell } from "../../runtime/behaviour.ts";
import { event } from "../../runtime/reading.ts";

const toQueen = event<QueenEvent>();
const toHive = event<HiveEvent>();

export interface MemberSettings {
  /** How long a hive may work on after it was last told so. The rest follows: machines/rules/lease.ts. */
  readonly leaseMs: number;
}

/** The seat is named after the hive's host. */
export const memberOf = (queen: Address, hive: Address): Address => address(hostOf(queen), "member", hostOf(hive));

const hiveOf = (scope: Scope): Address => address(idOf(scope.self), "hive", "main");

export function memberBehaviour({ leaseMs }: MemberSettings): Behaviour {
  const toHers = (scope: Scope, made: QueenEvent): readonly Command[] => [
    tell(address(hostOf(scope.self), "queen", "main"), toQueen(made), "control"),
  ];
  return behaviour(
    memberMachine.provide({
      delays: { renewMs: renewMs(leaseMs), returnMs: returnMs(leaseMs), reviveMs: letGoMs(leaseMs) },
    }),
    {
      // Said late it would be a lie: the next one comes soon.
      grantLease: ({ epoch }, scope) => [
        {
          do: "tell",
          to: hiveOf(scope),
          event: toHive({ type: "lease", epoch, forMs: leaseMs }),
          lane: "control",
          volatile: true,
        },
      ],
      announcePresent: (_params, scope) => toHers(scope, { type: "hive.present", hive: hiveOf(scope) }),
      announceDoubted: (_params, scope) => toHers(scope, { type: "hive.doubted", hive: hiveOf(scope) }),
      announceAway: ({ message }, scope) => toHers(scope, { type: "hive.away", hive: hiveOf(scope), message }),
    },
  );
}
