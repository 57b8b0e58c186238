/**
 * Goal: of two queens of one name the later leads, and nobody but a queen of the cluster can say which that is.
 * Method: terms of real doors; those that are made up, changed or of others.
 *
 * @see src/net/authority/term.ts, TE1 TE2; src/hosts/cluster/terms.ts, TM1 TM2
 */
import { describe, expect, test } from "vitest";
import { Terms } from "../../../../src/hosts/cluster/terms.ts";
import { hearTerm, isLater, sayTerm, type Term } from "../../../../src/net/authority/term.ts";
import { authorityFor, certified } from "../../../support/authority.ts";

const authority = await authorityFor("rbee-one");
const door = await certified(authority, "queen", { name: "alpha" });
const term = (epoch: number, startedMs: number): Term => ({ epoch, startedMs });
const said = (epoch: number, startedMs = 1): string => sayTerm(door, term(epoch, startedMs));

describe("a term", () => {
  test("TE1 is heard from whoever says it, and only as it was said by a queen of that name and cluster", async () => {
    const hear = (text: string): Term | undefined => hearTerm(text, authority.certificate, "alpha");
    expect(hear(said(7, 8))).toEqual(term(7, 8));
    expect(hear(said(7).replace('"epoch":7', '"epoch":8'))).toBeUndefined();
    expect(hear(said(7, 8).replace('"startedMs":8', '"startedMs":9'))).toBeUndefined();
    expect(hearTerm(said(7), authority.certificate, "omega")).toBeUndefined();
    const hive = await certified(authority, "hive", { name: "alpha" });
    const foreign = await certified(await authorityFor("rbee-one"), "queen", { name: "alpha" });
    for (const other of [hive, foreign]) expect(hear(sayTerm(other, term(9, 9)))).toBeUndefined();
    for (const text of ["", "{}", "null", '{"epoch":1}']) expect(hear(text)).toBeUndefined();
  });

  test("TE2 is later by its epoch, and within one by its beginning", () => {
    expect(isLater(term(8, 1), term(7, 9))).toBe(true);
    expect(isLater(term(7, 9), term(8, 1))).toBe(false);
    expect(isLater(term(7, 2), term(7, 1))).toBe(true);
    expect(isLater(term(7, 1), term(7, 1))).toBe(false);
  });
});

describe("what a machine knows of its queen's terms", () => {
  const known = (first?: string) => {
    const later: number[] = [];
    const terms = new Terms({
      authority: authority.certificate,
      queen: "alpha",
      said: first,
      later: (_, { epoch }) => void later.push(epoch),
    });
    return { terms, later };
  };

  test("TM1 goes up alone: the same again is fine, an earlier one is cut, and none is none", () => {
    const { terms, later } = known();
    expect(terms.said).toBeUndefined();
    expect(terms.heard(said(3))).toBeUndefined();
    expect(terms.heard(said(3))).toBeUndefined();
    expect(terms.heard(said(4))).toBeUndefined();
    expect(terms.heard(said(3))).toMatchObject({ code: "link.stale", message: expect.stringContaining("known is 4") });
    expect(terms.heard("{}")).toMatchObject({ code: "link.role" });
    expect(later).toEqual([3, 4]);
    const next = known(terms.said);
    expect(next.terms.heard(said(3))).toMatchObject({ code: "link.stale" });
  });

  test("TM2 a queen hears of a later one of her name, and of nothing else", () => {
    const { terms, later } = known(said(5, 10));
    terms.heard(said(4, 99));
    terms.heard(said(5, 10));
    terms.heard(said(6).replace('"epoch":6', '"epoch":7'));
    expect(later).toEqual([]);
    terms.heard(said(5, 11));
    expect(later).toEqual([5]);
  });
});
