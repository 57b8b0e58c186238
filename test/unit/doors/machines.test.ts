/**
 * Goal: machines are removed by their owner alone, and models are given to machines of the cluster alone, by name.
 *
 * @see src/doors/machines.ts, MH1 MH2; src/doors/copies.ts, CY1 CY2
 * @module
 */
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { copyRoutes, type CopiesSeat, type FileAsked } from "../../../src/doors/copies.ts";
import { machineRoutes, type MachinesSeat } from "../../../src/doors/machines.ts";
import type { Peer } from "../../../src/protocol/cluster-api.ts";
import { errorData } from "../../../src/protocol/errors.ts";
import type { Answer, Call, Route } from "../../../src/protocol/route.ts";

const BETA: Peer = { role: "hive", name: "beta", key: "", fingerprint: "" };
const CALL: Call = {
  params: { name: "beta", id: "w1" },
  query: {},
  headers: {},
  body: undefined,
  local: false,
  signal: new AbortController().signal,
};

async function call(routes: readonly Route[], path: string, more: Partial<Call> = {}): Promise<Answer | string> {
  const route = routes.find((one) => one.path === path);
  try {
    return (await route?.handle({ ...CALL, ...more })) ?? "no route";
  } catch (thrown) {
    return errorData(thrown).code;
  }
}

describe("the door for machines", () => {
  const heard: unknown[] = [];
  const note = <Value>(value: Value, ...said: readonly unknown[]): Promise<Value> => {
    heard.push(said);
    return Promise.resolve(value);
  };
  const machine = { processor: "p", threads: 1, cores: 1, memory: { totalBytes: 1, freeBytes: 1 } };
  const seat: MachinesSeat = {
    list: () => Promise.resolve([]),
    remove: (name) => note(undefined, "remove", name),
    detect: (node) => note({ schemaVersion: 1, machine, backends: [] }, "detect", node),
    logs: ({ worker, lines, node, from }) =>
      note({ worker, node: node ?? "", lines: [] }, "logs", worker, lines, node, from),
  };
  const routes = machineRoutes(seat);

  test("MH1 request.forbidden: nobody is removed over TCP, by whatever certificate", async () => {
    expect(await call(routes, "/v2/machines/:name")).toBe("request.forbidden");
    expect(await call(routes, "/v2/machines/:name", { peer: BETA })).toBe("request.forbidden");
    expect(heard.splice(0)).toEqual([]);
    expect(await call(routes, "/v2/machines/:name", { local: true })).toMatchObject({ json: { state: "removed" } });
    expect(heard.splice(0)).toEqual([["remove", "beta"]]);
  });

  test("MH2 who names no machine means its own; a worker is looked for wherever it is", async () => {
    await call(routes, "/v1/hive/detect");
    await call(routes, "/v1/hive/detect", { peer: BETA });
    await call(routes, "/v1/hive/detect", { peer: BETA, query: { node: "alpha" } });
    await call(routes, "/v1/workers/:id/logs", { peer: BETA });
    expect(heard.splice(0)).toEqual([
      ["detect", undefined],
      ["detect", "beta"],
      ["detect", "alpha"],
      ["logs", "w1", 50, undefined, undefined],
    ]);
    expect(await call(routes, "/v1/workers/:id/logs", { query: { lines: "many" } })).toBe("request.invalid");
  });
});

describe("the door for copies of models", () => {
  const asked: (FileAsked | string | undefined)[] = [];
  const seat: CopiesSeat = {
    offers(_model, asker) {
      asked.push(asker);
      return Promise.resolve([]);
    },
    open(file) {
      asked.push(file);
      return Promise.resolve(Readable.from([]));
    },
  };
  const routes = copyRoutes(seat);
  const query = { model: "hf:o/r/f.gguf", machine: "beta", part: "0" };

  test("CY1 request.forbidden: who is of no cluster, or only a client of it, is told and given nothing", async () => {
    const client: Peer = { ...BETA, role: "client" };
    for (const { path } of routes) {
      expect(await call(routes, path, { query })).toBe("request.forbidden");
      expect(await call(routes, path, { query, peer: client })).toBe("request.forbidden");
    }
    expect(asked).toEqual([]);
    await call(routes, "/v1/cluster/models", { query, peer: BETA });
    await call(routes, "/v1/cluster/models", { query, local: true });
    expect(asked.splice(0)).toEqual(["beta", undefined]);
  });

  test("CY2 a file is named by its model and its number, from a byte on", async () => {
    const range = { range: "bytes=512-" };
    await call(routes, "/v1/cluster/models/file", { query, headers: range, peer: BETA });
    expect(asked.splice(0)).toEqual([{ model: query.model, machine: "beta", part: 0, fromByte: 512 }]);
    for (const part of ["-1", "x", "../0"]) {
      const wrong = await call(routes, "/v1/cluster/models/file", { query: { ...query, part }, peer: BETA });
      expect([part, wrong]).toEqual([part, "request.invalid"]);
    }
  });
});
