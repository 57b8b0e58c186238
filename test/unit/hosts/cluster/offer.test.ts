/**
 * Goal: a queen knows what a machine has, whatever link it came over.
 * Method: links that stand and end while it is gathered from a real folder.
 *
 * @see src/hosts/cluster/offer.ts, OF1; src/hosts/cluster/repeats.ts, RP1
 */
import { expect, test } from "vitest";
import { Offer } from "../../../../src/hosts/cluster/offer.ts";
import type { Talk } from "../../../../src/hosts/cluster/talk.ts";
import { Catalog } from "../../../../src/hosts/models/catalog.ts";
import { hiveOf } from "../../../../src/hosts/porter/residents.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const offering = (): Offer =>
  new Offer({
    room: () => [{ id: "cpu", kind: "cpu", totalBytes: 2e9, freeBytes: 1e9 }],
    headroomBytes: 0,
    hive: hiveOf("beta"),
    models: { catalog: new Catalog(temporaryFolder()) },
    desk: { doors: { tell() {} } },
  });

test("OF1 what was gathered for a link that ended meanwhile is said over the next one, with its models", async () => {
  const offer = offering();
  const [first, next]: [Talk[], Talk[]] = [[], []];
  offer.begin();
  const gathering = offer.tell((talk) => first.push(talk));
  offer.begin();
  await gathering;
  await offer.tell((talk) => next.push(talk));
  expect(next).toEqual([{ kind: "advice", devices: [expect.objectContaining({ id: "cpu" })], models: [] }]);
  await offer.tell((talk) => next.push(talk));
  expect(next).toHaveLength(1);
});
