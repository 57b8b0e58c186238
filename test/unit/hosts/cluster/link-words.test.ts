/**
 * Goal: a log that was written while the queen was off for a night can be read in the morning (LW1).
 * Method: the words over a list for lines.
 */
import { expect, test } from "vitest";
import { LinkWords } from "../../../../src/hosts/cluster/link-words.ts";

const refused = { code: "link.lost", message: "ECONNREFUSED" } as const;
const silent = { code: "link.silent", message: "no word for 5 s" } as const;

function told(): { words: LinkWords; lines: string[] } {
  const lines: string[] = [];
  return { words: new LinkWords((line) => lines.push(line)), lines };
}

test("LW1 the cause why a machine is not reached is said once, however often it is tried", () => {
  const { words, lines } = told();
  for (let tried = 0; tried < 1_000; tried++) words.failed("attic", refused);
  expect(lines).toEqual(["the link to attic: link.lost: ECONNREFUSED. It is tried again until it stands."]);
  words.stands("attic");
  expect(lines[1]).toBe("linked with attic, after 1000 tries in vain");
});

test("LW1 another cause is said, and so is the same one of another machine or another outage", () => {
  const { words, lines } = told();
  words.failed("attic", refused);
  words.failed("attic", silent);
  words.failed("cellar", silent);
  words.stands("attic");
  words.gone("attic", silent);
  words.failed("attic", silent);
  expect(lines.map((line) => line.split(". ")[0])).toEqual([
    "the link to attic: link.lost: ECONNREFUSED",
    "the link to attic: link.silent: no word for 5 s",
    "the link to cellar: link.silent: no word for 5 s",
    "linked with attic, after 2 tries in vain",
    "the link to attic is gone: link.silent: no word for 5 s",
    "the link to attic: link.silent: no word for 5 s",
  ]);
});
