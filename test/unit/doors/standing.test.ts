/**
 * Goal: a probe hears whether work would be taken, and a worker's word about itself changes nothing.
 *
 * @see src/doors/standing.ts, ST1 ST2
 * @module
 */
import { describe, expect, test } from "vitest";
import { standingRoutes } from "../../../src/doors/standing.ts";
import type { StatusView, WorkerView } from "../../../src/protocol/api.ts";
import { ERRORS, errorData, RbeeError } from "../../../src/protocol/errors.ts";
import type { Call } from "../../../src/protocol/route.ts";

const CALLBACKS = ["/v1/workers/ready", "/v2/registry/workers/ready"];
const QUEEN: StatusView["queen"] = {
  ...{ id: "queen", epoch: 3, state: "serving", url: "", pid: 1, uptimeMs: 1 },
  queue: { length: 0, max: 9, running: 0 },
};
const worker = (id: string, state: WorkerView["state"]): WorkerView => ({
  ...{ id, model: "m", capability: "text", backend: "cpu", state, pid: 2, port: 8001 },
  ...{ slots: 1, busySlots: 0, reservedBytes: 1 },
});
const status = (queen: Partial<StatusView["queen"]>, workers: readonly WorkerView[] = []): StatusView => ({
  schemaVersion: 1,
  queen: { ...QUEEN, ...queen },
  hives: [
    {
      ...{ id: "hive", name: "box", state: "serving", host: "box", pid: 1, version: "1", backends: ["cpu"], gpus: [] },
      ...{ ram: { totalBytes: 1, freeBytes: 1 }, workers: [...workers] },
    },
  ],
});

async function call(path: string, view: StatusView | undefined, body?: unknown) {
  const seat = {
    statusNow: async () => {
      if (view === undefined) throw new RbeeError("queen.unreachable", "she is not there");
      return view;
    },
  };
  const made: Call = { params: {}, query: {}, headers: {}, body, local: false, signal: new AbortController().signal };
  try {
    return await standingRoutes(seat)
      .find((route) => route.path === path)
      ?.handle(made);
  } catch (thrown) {
    const { code } = errorData(thrown);
    return { code, status: ERRORS[code].httpStatus };
  }
}

describe("whether a node takes work", () => {
  test("ST1 it does while the queen serves", async () => {
    const answer = { status: 200, json: { ready: true, state: "serving", epoch: 3 } };
    expect(await call("/ready", status({}))).toEqual(answer);
  });

  test.each(["restoring", "reconciling", "draining", "stopped"])("ST1 while she is %s it is refused", async (state) => {
    expect(await call("/ready", status({ state }))).toEqual({ status: 503, code: "admission.closed" });
  });

  test("ST1 it is refused while she is not there, and while the disk is short", async () => {
    expect(await call("/ready", undefined)).toEqual({ status: 503, code: "queen.unreachable" });
    const short = status({ diskShort: { freeBytes: 1, headroomBytes: 2 } });
    expect(await call("/ready", short)).toEqual({ status: 507, code: "disk.full" });
  });
});

describe.each(CALLBACKS)("a worker's word at %s", (path) => {
  test.each([
    ["loading", false],
    ["idle", true],
    ["busy", true],
    ["stopping", false],
  ] as const)("ST2 one that is %s is told so", async (state, ready) => {
    const answer = await call(path, status({}, [worker("w1", "idle"), worker("w2", state)]), { worker: "w2" });
    expect(answer).toEqual({ status: 200, json: { worker: "w2", ready, state } });
  });

  test("ST2 one that no hive has started is refused, and so is a word that names none", async () => {
    const view = status({}, [worker("w1", "idle")]);
    expect(await call(path, view, { worker: "w9" })).toEqual({ status: 404, code: "worker.unknown" });
    expect(await call(path, view, {})).toEqual({ status: 400, code: "request.invalid" });
    expect(await call(path, undefined, { worker: "w1" })).toEqual({ status: 503, code: "queen.unreachable" });
  });
});
