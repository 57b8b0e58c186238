/**
 * Goal: who asks for the state of a hive is told where its own door is.
 *
 * @see src/cli/terminal/hive-text.ts
 * @module
 */
import { expect, test } from "vitest";
import { hiveText } from "../../../../src/cli/terminal/hive-text.ts";
import type { HiveStatusView } from "../../../../src/protocol/api.ts";

const HIVE: HiveStatusView["hive"] = {
  ...{ id: "hive", name: "box", state: "serving", host: "box", pid: 7, version: "1", backends: ["cpu"], gpus: [] },
  ...{ ram: { totalBytes: 2 ** 30, freeBytes: 2 ** 29 }, workers: [], ends: [], quarantined: [] },
  memory: { totalBytes: 2 ** 30, freeBytes: 2 ** 29, bookedBytes: 0, headroomBytes: 0 },
  url: "http://127.0.0.1:9200",
};

test("the state of a hive says where its own door is, within 80 columns", () => {
  const lines = hiveText({ schemaVersion: 1, hive: HIVE }).split("\n");
  expect(lines).toContain("  its door is http://127.0.0.1:9200");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
