/**
 * Goal: a token that the queen has taken once is never taken for another machine, and there are never too many.
 *
 * @see src/actors/queen/tokens.ts, JN1 to JN3
 * @module
 */
import { describe, expect, test } from "vitest";
import { type JoinTokenRow, TOKEN_LIFE_MS } from "../../../../machines/rules/join-token.ts";
import { joinTokens } from "../../../../src/actors/queen/tables.ts";
import { answerTokens, createToken, revokeToken, spendToken, TOKENS_MAX } from "../../../../src/actors/queen/tokens.ts";
import { queenStage, settings, told } from "../../../support/queen-stage.ts";
import type { Stage } from "../../../support/stage.ts";

const AT = 1000;
const withTokens = (...rows: readonly JoinTokenRow[]): Stage =>
  queenStage().set(joinTokens, Object.fromEntries(rows.map((row) => [row.id, row])));
const token = (id: string, hash: string, createdAt = AT): JoinTokenRow => ({ id, hash, createdAt });

const create = { type: "create.token", hash: "ab" } as const;
const spend = (hash: string, name: string, key = "11") =>
  ({ event: { type: "spend.token", hash, joiner: { name, key } }, asked: true, at: AT }) as const;

describe("join tokens", () => {
  test("JN2 one that is made is in the books, told when the disk has it, and listed", () => {
    const stage = queenStage();
    expect(told(stage, createToken, { event: create, asked: true, serial: 4 })).toEqual([
      "reply token.created id=t4 at=1000, flushed",
    ]);
    expect(stage.all(joinTokens)).toEqual({ t4: { id: "t4", hash: "ab", createdAt: AT } });
    expect(stage.play(answerTokens, undefined, { event: { type: "tokens" }, asked: true })[0]).toMatchObject({
      result: { event: { type: "tokens.told", tokens: [{ id: "t4" }] } },
    });
  });

  test("JN1 JN2 token.refused: of two that come with one the first is let in, when the disk has it; the other not", () => {
    const stage = withTokens(token("t1", "aa"), token("t2", "bb"));
    expect(told(stage, spendToken(settings), spend("bb", "desk"))).toEqual(["reply token.spent, flushed"]);
    expect(told(stage, spendToken(settings), spend("bb", "lamp", "22"))).toEqual(["refuse token.refused"]);
    expect(told(stage, spendToken(settings), spend("bb", "desk"))).toEqual(["reply token.spent, flushed"]);
    expect(told(stage, spendToken(settings), spend("cc", "desk"))).toEqual(["refuse token.refused"]);
    expect(stage.all(joinTokens)).toEqual({
      t1: token("t1", "aa"),
      t2: { ...token("t2", "bb"), spent: { name: "desk", key: "11" } },
    });
  });

  test("JN2 one that is revoked lets nobody in, and is gone when that is said", () => {
    const stage = withTokens(token("t1", "aa"));
    const revoke = { event: { type: "revoke.token", token: "t1" }, asked: true } as const;
    expect(told(stage, revokeToken, revoke)).toEqual(["reply token.revoked, flushed"]);
    expect(told(stage, revokeToken, revoke)).toEqual(["refuse request.not.found"]);
    expect(told(stage, spendToken(settings), spend("aa", "desk"))).toEqual(["refuse token.refused"]);
  });

  test("JN3 token.many: there are so many at a time, and those that are over make room", () => {
    const many = Array.from({ length: TOKENS_MAX }, (_, at) => token(`o${at}`, `${at}`));
    expect(told(withTokens(...many), createToken, { event: create, asked: true })).toEqual(["refuse token.many"]);
    const stage = withTokens(...many, token("old", "ee", AT - TOKEN_LIFE_MS));
    expect(told(stage, createToken, { event: create, asked: true, at: AT + TOKEN_LIFE_MS, serial: 7 })).toEqual([
      `reply token.created id=t7 at=${AT + TOKEN_LIFE_MS}, flushed`,
    ]);
    expect(Object.keys(stage.all(joinTokens))).toEqual(["t7"]);
  });
});
