/**
 * Join tokens: which there are, and who has joined with one.
 *
 * Owns: making, telling, revoking and spending them. Does not own: how long one lasts and for whom
 * (machines/rules/join-token.ts), or any token: only hashes of secrets come here.
 *
 *  JN1 Of any number that come with one token at the same moment she takes the first; her one mailbox decides.
 *  JN2 Made, spent and revoked is said when the disk has it: a machine that was let in stays the one.
 *  JN3 There are so many at a time; those that are over make room.
 *
 * @module
 */
import type { QueenEvent } from "../../../machines/queen-events.ts";
import { isOver, type JoinTokenRow, spend } from "../../../machines/rules/join-token.ts";
import { type Command, del, put, refuse, reply, type Scope } from "../../runtime/behaviour.ts";
import { reader } from "../../runtime/reading.ts";
import { letIn } from "./machines.ts";
import type { QueenSettings } from "./settings.ts";
import { joinTokens } from "./tables.ts";

const read = reader<QueenEvent>();

export const TOKENS_MAX = 64;

export interface TokensEvent {
  readonly type: "tokens.told";
  readonly at: number;
  readonly tokens: readonly JoinTokenRow[];
}

export interface TokenCreatedEvent {
  readonly type: "token.created";
  readonly id: string;
  readonly at: number;
}

const rowsOf = (scope: Scope): readonly JoinTokenRow[] => [...scope.rows(joinTokens).entries()].map(([, row]) => row);

export function answerTokens(_params: unknown, scope: Scope): readonly Command[] {
  if (scope.re === undefined) return [];
  const told: TokensEvent = { type: "tokens.told", at: scope.at, tokens: rowsOf(scope) };
  return [reply(scope.re, told)];
}

export function createToken(_params: unknown, scope: Scope): readonly Command[] {
  const { hash } = read(scope, "create.token");
  const { re, at } = scope;
  if (re === undefined) return [];
  const over = rowsOf(scope).filter((row) => isOver(row, at));
  if (scope.rows(joinTokens).size - over.length >= TOKENS_MAX) {
    return [refuse(re, { code: "token.many", message: `there are ${TOKENS_MAX} join tokens already` })];
  }
  const id = `t${scope.serial}`;
  const told: TokenCreatedEvent = { type: "token.created", id, at };
  return [
    ...over.map((row) => del(joinTokens, row.id)),
    put(joinTokens, id, { id, hash, createdAt: at }),
    reply(re, told, "flush"),
  ];
}

export function revokeToken(_params: unknown, scope: Scope): readonly Command[] {
  const { token } = read(scope, "revoke.token");
  const { re } = scope;
  if (re === undefined) return [];
  if (scope.rows(joinTokens).get(token) === undefined) {
    return [refuse(re, { code: "request.not.found", message: `there is no join token ${token}` })];
  }
  return [del(joinTokens, token), reply(re, { type: "token.revoked" }, "flush")];
}

/** JN1. Who is not let in has spent nothing. */
export const spendToken =
  ({ name }: Pick<QueenSettings, "name">) =>
  (_params: unknown, scope: Scope): readonly Command[] => {
    const { hash, joiner } = read(scope, "spend.token");
    const { re } = scope;
    if (re === undefined) return [];
    const found = rowsOf(scope).find((row) => row.hash === hash);
    const spent = spend(found, joiner, scope.at);
    if (typeof spent === "string") return [refuse(re, { code: "token.refused", message: spent })];
    const admitted = letIn(joiner, name, scope);
    if ("code" in admitted) return [refuse(re, admitted)];
    return [put(joinTokens, spent.id, spent), ...admitted, reply(re, { type: "token.spent" }, "flush")];
  };
