/**
 * Goal: a token carries what joining needs, and one that was mistyped is told before anybody is asked.
 *
 * @see src/net/authority/join-token.ts, TK1
 * @module
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { makeSecret, readToken, writeToken } from "../../../../src/net/authority/join-token.ts";
import { errorData } from "../../../../src/protocol/errors.ts";

const URLS = ["https://192.0.2.7:8080", "https://[2001:db8::1]:9443", "https://queen.local:443", "https://my_pc:1"];
const FINGERPRINT = "ab".repeat(32);

const refusalOf = (text: string): string => {
  try {
    return `read ${readToken(text).url}`;
  } catch (thrown) {
    return errorData(thrown).code;
  }
};

test.each(URLS)("TK1 what it says of %s is read as it was written, also with space around it", (url) => {
  const token = { url, fingerprint: FINGERPRINT, secret: makeSecret() };
  expect(readToken(writeToken(token))).toEqual(token);
  expect(readToken(` ${writeToken(token)}\n`)).toEqual(token);
});

test("TK1 token.malformed: a letter that is another, missing or too much is noticed, and so is any other word", () => {
  const word = writeToken({ url: URLS[0] ?? "", fingerprint: FINGERPRINT, secret: makeSecret() });
  expect(word.length).toBeLessThan(110);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  fc.assert(
    fc.property(fc.nat(word.length - 1), fc.constantFrom(...letters.split(""), ""), (at, letter) => {
      const typed = word.slice(0, at) + letter + word.slice(at + 1);
      fc.pre(typed !== word);
      expect(refusalOf(typed)).toBe("token.malformed");
    }),
  );
  const others = ["", "rbj1_", "rbee_abc", word.slice(5), word.replace("rbj1", "rbj2"), `${word}A`, "A".repeat(10_000)];
  for (const other of others) expect(refusalOf(other)).toBe("token.malformed");
});
