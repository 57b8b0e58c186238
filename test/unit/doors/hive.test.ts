/**
 * Goal: at a hive's door one may look without a queen, and change nothing without her.
 * Method: its routes over a seat whose queen comes and goes; routes of hers that count.
 *
 * @see src/doors/hive.ts, HD1 HD2
 * @module
 */
import { describe, expect, test } from "vitest";
import { hiveRoutes, type HiveSeat } from "../../../src/doors/hive.ts";
import { ERRORS, errorData, RbeeError } from "../../../src/protocol/errors.ts";
import { devicesView, hiveHealth, hiveStopping, hiveWorkersView } from "../../../src/protocol/hive-api.ts";
import type { Answer, Call, Route } from "../../../src/protocol/route.ts";

const CALL: Call = {
  params: {},
  query: {},
  headers: {},
  body: { model: "starter" },
  local: false,
  signal: new AbortController().signal,
};
const WRITES = ["/v1/models/download", "/v1/workers/spawn", "/v1/workers/ready", "/v1/shutdown"];
const READS = ["/v1/health", "/v1/workers/list", "/v1/devices", "/v1/models"];

class Stage implements HiveSeat {
  isReached = true;
  stopped = 0;
  /** What came to the queen, and with what. */
  readonly passed: [string, unknown][] = [];
  readonly routes = hiveRoutes(this, [
    ...["/v1/models/download", "/v1/workers/spawn", "/v1/workers/ready"].map((path) => this.#hers("POST", path)),
    this.#hers("GET", "/v1/models"),
    this.#hers("POST", "/v1/workers/stop"),
  ]);
  health: HiveSeat["health"] = async () => ({
    ...{ schemaVersion: 1, status: "ok", id: "hive", name: "box", version: "1", pid: 7, workers: 1 },
  });
  workers: HiveSeat["workers"] = async () => [
    {
      ...{ id: "w1", model: "starter", capability: "text", backend: "cpu", state: "ready", pid: 8, port: 8001 },
      ...{ slots: 4, device: "cpu", reservedBytes: 9 },
    },
  ];
  devices: HiveSeat["devices"] = async () => ({
    schemaVersion: 1,
    ram: { totalBytes: 2, freeBytes: 1 },
    backends: [{ kind: "cpu", usable: true, cards: [] }],
  });
  reachQueen = async (): Promise<void> => {
    if (!this.isReached) throw new RbeeError("queen.unreachable", "she is not there");
  };
  shutdown = (): void => void (this.stopped += 1);

  #hers(method: Route["method"], path: string): Route {
    return {
      method,
      path,
      handle: ({ body }) => {
        this.passed.push([path, body]);
        return { status: 202, json: {} };
      },
    };
  }

  async call(path: string): Promise<Answer | number> {
    try {
      return (await this.routes.find((route) => route.path === path)?.handle(CALL)) ?? 404;
    } catch (thrown) {
      return ERRORS[errorData(thrown).code].httpStatus;
    }
  }
}

describe("the door of a hive", () => {
  test("HD1 has no write but those that are passed on", () => {
    const { routes } = new Stage();
    const writes = routes.filter(({ method }) => method !== "GET").map(({ path }) => path);
    expect(writes.toSorted()).toEqual(WRITES.toSorted());
    expect(routes.filter(({ method }) => method === "GET").map(({ path }) => path)).toEqual(READS);
  });

  test("HD1 what is written here is done by the queen's own route, with the same body", async () => {
    const stage = new Stage();
    for (const path of WRITES) expect(await stage.call(path)).toMatchObject({ status: 202 });
    expect(stage.passed).toEqual(WRITES.slice(0, 3).map((path) => [path, CALL.body]));
    expect(stage.stopped).toBe(1);
  });

  test("HD1 without a queen every write is a 503, and nothing is done", async () => {
    const stage = new Stage();
    stage.isReached = false;
    for (const path of WRITES) expect([path, await stage.call(path)]).toEqual([path, 503]);
    expect([stage.passed, stage.stopped]).toEqual([[], 0]);
  });

  test("HD2 without a queen every read is answered, in the shape that the document tells", async () => {
    const stage = new Stage();
    stage.isReached = false;
    const shapes = { "/v1/health": hiveHealth, "/v1/workers/list": hiveWorkersView, "/v1/devices": devicesView };
    for (const [path, shape] of Object.entries(shapes)) {
      const answer = await stage.call(path);
      expect([path, typeof answer === "object" && "json" in answer && shape.safeParse(answer.json).success]).toEqual([
        path,
        true,
      ]);
    }
    expect(await stage.call("/v1/models")).toMatchObject({ status: 202 });
    expect(hiveStopping.safeParse({ state: "stopping" }).success).toBe(true);
  });
});
