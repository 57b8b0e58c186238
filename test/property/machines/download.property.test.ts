/**
 * Goal: among answers of any kind in any order, a download ends for one reason, and is done only when all was proved.
 * Method: random lives, each step answered with one of the answers that its question can have.
 *
 * @see machines/download.ts, D1 D2
 * @module
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type DownloadContext, type DownloadEvent, downloadMachine, TRIES_MAX } from "../../../machines/download.ts";
import { downloadImpossible, downloadSamples, eventsOf } from "../../support/machine-events.ts";
import { Run } from "../../support/run-machine.ts";

const events = eventsOf(downloadSamples);
const isPossible = (run: Run<DownloadEvent>, event: DownloadEvent): boolean =>
  downloadImpossible[event.type]?.in.includes(run.state) !== true;

describe("a download's life", () => {
  test.prop([fc.array(fc.nat(), { maxLength: 200, size: "max" })])(
    "D1 ends at most once, D2 after a bounded number of tries in a row that got no further",
    (choices) => {
      const run = new Run<DownloadEvent>(downloadMachine);
      let inRow = 0;
      for (const choice of choices) {
        if (run.isOver) break;
        const may = events.filter((event) => isPossible(run, event));
        const made = may[choice % (may.length + 1)];
        const before = (run.context as DownloadContext).presentBytes;
        const asked = (made === undefined ? run.tick() : run.send(made)).map(({ type }) => type);
        const gained = made?.type === "cut" && made.class === "transient" && made.presentBytes > before;
        const afresh = made?.type === "check.failed" && made.code === "download.corrupt";
        if (gained || afresh) inRow = 0;
        if (asked.includes("fetch")) expect((inRow += 1)).toBeLessThanOrEqual(TRIES_MAX + 1);
        if (asked.includes("announceDone")) expect(made?.type).toBe("checked");
      }
      const ends = [...run.asked("announceDone"), ...run.asked("announceFailed")];
      expect(ends).toHaveLength(run.isOver ? 1 : 0);
      expect(run.unnamed).toEqual([]);
    },
  );
});
