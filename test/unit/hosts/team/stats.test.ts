/**
 * Goal: what the team was worth is counted over all that is kept, each thing once.
 * Method: an archive in a folder of its own, with a discussion, a fork of it, and a file that is damaged.
 *
 * @see src/hosts/team/stats.ts, SA1
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LogEvent } from "../../../../machines/rules/log.ts";
import { Archive } from "../../../../src/hosts/team/archive.ts";
import { statsIn } from "../../../../src/hosts/team/stats.ts";
import { teamStats } from "../../../../src/protocol/team-api.ts";
import { DISCUSSION, logOf, recorded, VOTE } from "../../../support/recorded-log.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const LOG = logOf(recorded(DISCUSSION));

function archived() {
  const folder = temporaryFolder();
  const archive = new Archive(folder);
  const keep = (session: string, discussion: string, log: readonly LogEvent[]): Promise<void> =>
    new Promise((resolve) => {
      const event = { type: "keep", session, discussion, log };
      archive.ask({ id: discussion, from: "store/discussion/d", event, deadlineMs: 1_000 }, () => resolve());
    });
  return { folder, archive, keep };
}

test("a fork adds what it has of its own, whichever of the two is read first", async () => {
  const { archive, keep } = archived();
  const given = LOG.findIndex(({ type }) => type === "summary");
  const later = [...LOG.slice(0, given), ...LOG.slice(given + 1)];
  const fork = later.map((event, seq) => ({ ...event, seq, at: seq < given ? event.at : event.at + 1_000 }));
  await keep("s1", "d2", LOG);
  await keep("s1", "d1", fork);
  await keep("s2", "d3", logOf(recorded(VOTE)));
  const stats = teamStats.parse(await statsIn(archive));
  expect(stats.damaged).toBe(0);
  expect(stats.modes).toMatchObject([
    { mode: "vote", discussions: 1, contributions: 2 },
    { mode: "discuss", discussions: 2, contributions: 4, passes: 2, failures: 1, tokens: 2 * 1_234 - 30 },
  ]);
});

test("SA1 a damaged log is told as one and hides no other", async () => {
  const { folder, archive, keep } = archived();
  await keep("s1", "d1", LOG);
  await keep("s1", "d2", LOG);
  writeFileSync(join(folder, "s1", "d2.ndjson"), "half a line");
  expect(await statsIn(archive)).toMatchObject({ damaged: 1, modes: [{ mode: "discuss", discussions: 1 }] });
});

test("nothing was asked yet: nothing is told", async () => {
  expect(await statsIn(archived().archive)).toEqual({
    schemaVersion: 1,
    damaged: 0,
    modes: [],
    gate: { told: 0, same: 0 },
    agents: [],
  });
});
